// Finding the server's pepper.
#include "app/commands/admin_minting.hpp"

#include <filesystem>

#include "base/problem.hpp"

namespace lodestone::app {
namespace {

std::string load_pepper_of_server(const Config& config) {
    if (!config.identity.pepper_file.empty()) return read_secret(config.identity.pepper_file);
    const std::string path = config.data.dir + "/secrets/pepper";
    if (!std::filesystem::exists(path))
        throw Problem(problems::invalid_input,
                      "There is no " + path +
                          ", which tokens are hashed with: give the --data or the identity.pepper_file that "
                          "the server has.");
    return read_secret(path);
}

}  // namespace

Minting::Minting(AdminTarget& target)
    : hasher_(load_pepper_of_server(target.config())),
      mint_(hasher_, target.context().clock, target.context().random) {}

}  // namespace lodestone::app
