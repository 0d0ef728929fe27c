// `lodestone serve`: reads and checks the configuration, then hands it to the server.
#include <algorithm>

#include "app/commands/command_list.hpp"
#include "app/config/config_check.hpp"
#include "app/serving/server_process.hpp"

namespace lodestone::app {
namespace {

constexpr int wrong_configuration = 2;

int run_serve(const CommandSpec& self, const Arguments& arguments, Console& console) {
    LoadedConfig loaded = load_config(read_sources(self, arguments, console));
    std::vector<ConfigFault> faults = std::move(loaded.faults);
    std::ranges::move(check_config(loaded.config), std::back_inserter(faults));
    for (const ConfigFault& fault : faults) console.complain(fault.to_text());
    return faults.empty() ? serve_forever(loaded.config) : wrong_configuration;
}

}  // namespace

CommandSpec make_serve_command() {
    return {
        .name = "serve",
        .about = "Start the server",
        .details =
            "Serves until it is told to stop with SIGTERM or Ctrl-C; SIGHUP reads the configuration "
            "again. Settings come from a TOML file, the environment and these options, the later "
            "overriding the earlier.",
        .options = make_config_options(),
        .examples = {{"lodestone serve", "On 127.0.0.1:8080, with its data in ./data"},
                     {"lodestone serve --data /var/lib/lodestone --listen 0.0.0.0:8080 --listen '[::]:8080'",
                      "For everybody on the network"},
                     {"lodestone serve --listen 127.0.0.1:0", "On a free port, which is printed"},
                     {"lodestone serve --set server.idle_timeout=2m --set log.slow_request=500ms",
                      "Settings that have no option of their own"}},
        .run = run_serve};
}

}  // namespace lodestone::app
