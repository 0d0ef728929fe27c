// What has a meaning in HTML is written by its number or name.
#include "base/html_text.hpp"

namespace lodestone {

std::string escape_html(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&': escaped += "&amp;"; break;
            case '<': escaped += "&lt;"; break;
            case '>': escaped += "&gt;"; break;
            case '"': escaped += "&#34;"; break;
            case '\'': escaped += "&#39;"; break;
            default:
                if (static_cast<unsigned char>(c) >= ' ')
                    escaped += c;
                else
                    escaped += ' ';
        }
    }
    return escaped;
}

}  // namespace lodestone
