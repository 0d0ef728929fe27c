// The ranges of a repository's settings.
#include "packages/repository_settings.hpp"

#include <algorithm>
#include <span>

#include "base/field_problem.hpp"
#include "base/id.hpp"
#include "base/package_limits.hpp"
#include "http/message/url.hpp"
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

// The rules for URLs of the client that will fetch from it; which addresses it may connect to, it decides
// whenever it connects.
void check_upstream_url(const std::string& url) {
    const std::string field = "settings.upstream.url";
    if (url.empty()) throw field_problem(field, "is missing: write it as https://upstream.example/path.");
    const http::UrlResult parsed = http::parse_url(url);
    if (!parsed.url)
        throw field_problem_saying(field, "The field " + field + " is refused: " + std::string(parsed.fault));
    if (url.find_first_of("?#") != url.npos)
        throw field_problem(field, "must have no query and no fragment.");
}

// Basic authentication ends it at a colon.
bool is_username(const std::string& text) {
    const auto is_plain = [](unsigned char c) { return c > 0x20 && c < 0x7F && c != ':'; };
    return !text.empty() && text.size() <= limits::upstream_username_bytes &&
           std::ranges::all_of(text, is_plain);
}

void check_upstream(const RepositoryUpstream& upstream) {
    check_upstream_url(upstream.url);
    if (upstream.username && !is_username(*upstream.username))
        identity::refuse_field("settings.upstream.username",
                               "1 to 255 visible characters of ASCII, and no colon");
    identity::check_range("settings.upstream.believed_seconds", upstream.believed_seconds, 0,
                          limits::upstream_belief_seconds_most);
    identity::check_range("settings.upstream.absence_believed_seconds", upstream.absence_believed_seconds, 0,
                          limits::upstream_belief_seconds_most);
}
static_assert(limits::upstream_username_bytes == 255, "the sentence above says so");

void check_members(const std::vector<std::string>& members) {
    if (members.size() > limits::group_members)
        identity::refuse_field("settings.members", "a list of at most 50 repositories");
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::string field = "settings.members[" + std::to_string(i) + "]";
        if (!is_id_text(members[i]))
            identity::refuse_field(field, "the id of a repository of the same tenant");
        if (std::ranges::count(std::span(members).first(i), members[i]) > 0)
            throw field_problem(field, "is in the list already.");
    }
}
static_assert(limits::group_members == 50, "the sentence above says so");

}  // namespace

RepositorySettings parse_repository_settings(std::string_view text) {
    auto settings = identity::read_typed<RepositorySettings>("settings", text);
    identity::check_range("settings.quota.max_bytes", settings.quota.max_bytes, 0,
                          limits::repository_bytes_most);
    identity::check_range("settings.quota.max_packages", settings.quota.max_packages, 0,
                          limits::repository_packages_most);
    check_retention(settings.retention);
    if (settings.upstream) check_upstream(*settings.upstream);
    check_members(settings.members);
    return settings;
}

}  // namespace lodestone::packages
