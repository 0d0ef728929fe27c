// What a person who started the server reads on its standard output: where it is, how to get in, and lines to
// paste into clients.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/config.hpp"
#include "app/serving/data_folder.hpp"
#include "app/serving/first_start.hpp"
#include "packages/format.hpp"

namespace lodestone::app {

// Scripts read the address from it.
void print_welcome(const Config& config, const DataFolder& folder, const std::vector<std::string>& urls);

// A password is shown on a terminal, once, and is nowhere else after that. `base` is our address, empty where
// there is none.
void print_way_in(const std::optional<FirstStart>& first, const DataFolder& folder, const std::string& base);

// As configured, else as somebody on this machine reaches the first listener.
std::string find_base_address(const Config& config, const std::vector<std::string>& urls);

// Of a new installation: for each format that has some, how to make its first repository, and to point its
// client there. `command` is what runs this program, `options` what finds the installation.
std::string render_client_lines(packages::Formats formats, const std::string& base,
                                const std::string& command, const std::string& options);

}  // namespace lodestone::app
