// Settings from environment variables: LODESTONE_SECTION_NAME for every key, and the customary DATABASE_URL,
// REDIS_URL and PORT.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config_load.hpp"
#include "app/config/config_toml.hpp"
#include "app/terminal/terminal.hpp"

namespace lodestone::app {

struct EnvironmentValues {
    std::vector<RawValue> values;
    std::string port;  // PORT, unless LODESTONE_SERVER_LISTEN says it all
    std::vector<ConfigFault> faults;
};
EnvironmentValues read_configuration(const Environment& environment);

// PORT is what hosting platforms set: the port of the file's TCP address, or 0.0.0.0:PORT when no address is
// configured. Answers why it cannot be used.
std::optional<std::string> apply_port(const std::string& port, Config& config, Origin& origin);

// "a, b" → "a", "b"; an empty text is an empty list.
std::vector<std::string> split_list(std::string_view text);

}  // namespace lodestone::app
