// The server as a process: its parts made in order, its signals, and its end.
#pragma once

#include "app/config/config.hpp"

namespace lodestone::app {

// Serves until SIGTERM or SIGINT; answers the exit code. Throws Problem when something that the configuration
// asks for cannot be had: a port, a certificate, the data folder.
int serve_forever(const Config& config);

}  // namespace lodestone::app
