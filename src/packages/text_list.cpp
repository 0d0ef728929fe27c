// Lists of texts, to JSON and back.
#include "packages/text_list.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/json_text.hpp"

namespace lodestone::packages {

std::string render_text_list(std::span<const std::string> texts) {
    std::string list = "[";
    for (const std::string& text : texts) {
        if (list.size() > 1) list += ',';
        append_json_string(list, text);
    }
    return list + "]";
}

std::vector<std::string> list_texts(std::string_view stored) {
    boost::system::error_code fault;
    const boost::json::value list = boost::json::parse(stored, fault);
    std::vector<std::string> texts;
    if (fault || !list.is_array()) return texts;
    for (const boost::json::value& one : list.get_array())
        if (one.is_string()) texts.emplace_back(one.get_string());
    return texts;
}

}  // namespace lodestone::packages
