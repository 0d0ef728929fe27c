// The commands: serve, config, version, healthcheck, completion.
#pragma once

namespace lodestone::app {

// Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
int run(int argc, char** argv);

}  // namespace lodestone::app
