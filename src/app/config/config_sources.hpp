// Where configuration comes from: a file, the environment, flags; and the record of which one gave a value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/terminal/terminal.hpp"

namespace lodestone::app {

// In rising precedence.
struct Origin {
    enum class Kind { built_in, file, environment, flag };
    Kind kind = Kind::built_in;
    std::string name;  // of the file, variable or flag
    std::size_t line = 0;
    std::size_t column = 0;
    std::string secret_file;  // where a *_file key said that the value is

    std::string to_text() const;  // "default", "lodestone.toml:3", "LODESTONE_LOG_LEVEL", "--listen"
};

struct FlagValue {
    std::string name;  // as it was written: "--listen", "--set"
    std::string key;
    std::string text;
};

struct ConfigSources {
    std::string file;  // --config; empty: LODESTONE_CONFIG, else lodestone.toml in the data folder if there
    Environment environment;
    std::vector<FlagValue> flags;
};

}  // namespace lodestone::app
