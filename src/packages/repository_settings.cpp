// The ranges of a repository's settings.
#include "packages/repository_settings.hpp"

#include "base/package_limits.hpp"
#include "identity/nouns/typed_json.hpp"

namespace lodestone::packages {

namespace {

void check_patterns(const std::string& path, const std::vector<std::string>& patterns) {
    if (patterns.size() > limits::retention_patterns)
        identity::refuse_field(path, "a list of at most 50 patterns");
    for (std::size_t i = 0; i < patterns.size(); ++i)
        if (patterns[i].empty() || patterns[i].size() > limits::retention_pattern_bytes)
            identity::refuse_field(path + "[" + std::to_string(i) + "]",
                                   "a pattern of 1 to 200 bytes, in which * stands for any text");
}
static_assert(limits::retention_patterns == 50 && limits::retention_pattern_bytes == 200,
              "the sentences above say so");

void check_retention(const RepositoryRetention& rules) {
    identity::check_range("settings.retention.keep_last", rules.keep_last, 0,
                          limits::retention_versions_most);
    identity::check_range("settings.retention.keep_days", rules.keep_days, 0, limits::retention_days_most);
    identity::check_range("settings.retention.keep_downloaded_days", rules.keep_downloaded_days, 0,
                          limits::retention_days_most);
    check_patterns("settings.retention.keep_names", rules.keep_names);
    check_patterns("settings.retention.packages", rules.packages);
}

}  // namespace

RepositorySettings parse_repository_settings(std::string_view text) {
    auto settings = identity::read_typed<RepositorySettings>("settings", text);
    identity::check_range("settings.quota.max_bytes", settings.quota.max_bytes, 0,
                          limits::repository_bytes_most);
    identity::check_range("settings.quota.max_packages", settings.quota.max_packages, 0,
                          limits::repository_packages_most);
    check_retention(settings.retention);
    return settings;
}

}  // namespace lodestone::packages
