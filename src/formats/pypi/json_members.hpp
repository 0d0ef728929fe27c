// Members of JSON objects, as the indexes are put together.
#pragma once

#include <string>
#include <string_view>

#include "base/json_text.hpp"

namespace lodestone::formats::pypi {

// Behind another member.
inline void append_member(std::string& out, std::string_view name, std::string_view text) {
    out += ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, text);
}

}  // namespace lodestone::formats::pypi
