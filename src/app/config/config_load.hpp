// From sources to one Config: file, then environment, then flags, each overriding what came before. Every
// mistake is collected, so that one run shows them all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.hpp"

namespace lodestone::app {

struct ConfigFault {
    std::string where;   // "lodestone.toml:3:10", "LODESTONE_LOG_LEVEL", "--set"; empty when it is nowhere
    std::string key;     // empty when it is about no single key
    std::string detail;  // a clause whose subject is the key, else a sentence without its full stop
    std::string to_text() const;
};

struct LoadedConfig {
    Config config;  // with the defaults (or earlier layers) in place of what was refused
    std::vector<ConfigFault> faults;
};
LoadedConfig load_config(const ConfigSources& sources);

// One layer alone, from text that is already here: for tests and the fuzzer.
LoadedConfig load_config_text(std::string_view toml, const std::string& file);

// What SIGHUP does: reads the sources of `running` again and takes over what may change while running.
struct ReloadedConfig {
    Config config;  // `running` with the reloadable settings renewed; as it was when there are faults
    std::vector<std::string_view> changed;
    std::vector<std::string_view> needs_restart;  // changed in the sources, but not in `config`
    std::vector<ConfigFault> faults;
};
ReloadedConfig reload_config(const Config& running);

}  // namespace lodestone::app
