// Configuration as text: what is in effect and where it came from, and the reference of every setting.
#pragma once

#include <string>
#include <vector>

#include "app/config/config_load.hpp"

namespace lodestone::app {

// TOML with dotted keys, so that it can be pasted into a file; each value's origin stands behind it.
std::string render_config(const Config& config, bool with_colours);
std::string render_config_json(const Config& config);

std::string render_faults_json(const Config& config, const std::vector<ConfigFault>& faults);

// docs/user/configuration.md.
std::string render_reference();
std::string render_reference_json();

}  // namespace lodestone::app
