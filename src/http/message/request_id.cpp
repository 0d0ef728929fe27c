// Which request ids are believed, and how ours are made.
#include "http/message/request_id.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace lodestone::http {

namespace {

bool is_id_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
}

}  // namespace

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= limits::request_id_bytes &&
           std::all_of(text.begin(), text.end(), is_id_character);
}

std::string make_request_id(std::optional<std::string_view> received, Random& random) {
    if (received && is_request_id(*received)) return std::string(*received);
    return random.next_hex(16);
}

}  // namespace lodestone::http
