// The ranges of a repository's settings.
#include "packages/repository_settings.hpp"

#include "base/package_limits.hpp"
#include "identity/nouns/typed_json.hpp"

namespace lodestone::packages {

RepositorySettings parse_repository_settings(std::string_view text) {
    auto settings = identity::read_typed<RepositorySettings>("settings", text);
    identity::check_range("settings.quota.max_bytes", settings.quota.max_bytes, 0,
                          limits::repository_bytes_most);
    identity::check_range("settings.quota.max_packages", settings.quota.max_packages, 0,
                          limits::repository_packages_most);
    return settings;
}

}  // namespace lodestone::packages
