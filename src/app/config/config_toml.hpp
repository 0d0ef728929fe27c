// TOML text as a flat list of dotted keys with texts and places; what the keys mean is not known here.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/config_sources.hpp"

namespace lodestone::app {

// One value as some source wrote it.
struct RawValue {
    // How it was written; `plain` is what environment and flags give, which know no types.
    enum class Form { plain, text, boolean, integer, decimal, list, empty_table, other };
    std::string key;
    Form form = Form::plain;
    std::vector<std::string> texts;
    Origin origin;      // of the value
    Origin key_origin;  // of its name
};

struct TomlFault {
    std::size_t line = 0;
    std::size_t column = 0;
    std::string detail;
};

// `file` is only for the origins.
std::variant<std::vector<RawValue>, TomlFault> parse_toml(std::string_view text, const std::string& file);

}  // namespace lodestone::app
