// What a repository has set for itself, kept as JSON in its row.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::packages {

// Whether a file that is there may be replaced by other bytes. Where it may, nobody can rely on what was
// fetched once.
enum class Overwrite : std::uint8_t { never, allowed };
BOOST_DESCRIBE_ENUM(Overwrite, never, allowed)

struct RepositoryQuota {
    std::optional<std::int64_t> max_bytes;  // absent: as many as there is room for
    std::optional<std::int64_t> max_packages;
    bool operator==(const RepositoryQuota&) const = default;
};
BOOST_DESCRIBE_STRUCT(RepositoryQuota, (), (max_bytes, max_packages))

// Which versions stay: those that one of these keeps (packages/retention_rules.hpp). Without any of
// keep_last, keep_days and keep_downloaded_days all do.
struct RepositoryRetention {
    bool is_applied = false;                           // else it only tells what would go
    std::optional<std::int64_t> keep_last;             // of each package
    std::optional<std::int64_t> keep_days;             // since they were published
    std::optional<std::int64_t> keep_downloaded_days;  // since they were fetched
    bool keep_tagged = true;
    std::vector<std::string> keep_names;  // patterns of versions
    std::vector<std::string> packages;    // patterns of those that the rules are about; none: all
    bool operator==(const RepositoryRetention&) const = default;
};
BOOST_DESCRIBE_STRUCT(RepositoryRetention, (),
                      (is_applied, keep_last, keep_days, keep_downloaded_days, keep_tagged, keep_names,
                       packages))

// Where a proxy fetches from, and how long it believes what it was told of names, versions and tags. What has
// a digest, or a name for good, it keeps.
struct RepositoryUpstream {
    std::string url;  // what the protocol's paths come behind
    // With it, Repository::upstream_secret is a password (Basic), without it a token (Bearer).
    std::optional<std::string> username;
    std::int64_t believed_seconds = 600;
    std::int64_t absence_believed_seconds = 60;  // that something is not there
    bool operator==(const RepositoryUpstream&) const = default;
};
BOOST_DESCRIBE_STRUCT(RepositoryUpstream, (), (url, username, believed_seconds, absence_believed_seconds))

// Which of these mean something to which kind of repository, repository_rules.hpp knows.
struct RepositorySettings {
    Overwrite overwrite = Overwrite::never;
    RepositoryQuota quota;
    RepositoryRetention retention;
    std::optional<RepositoryUpstream> upstream;
    std::vector<std::string> members;  // ids of repositories, in the order in which they are asked
    bool operator==(const RepositorySettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(RepositorySettings, (), (overwrite, quota, retention, upstream, members))

// Of JSON text; absent fields have their defaults. Refuses with a Problem (invalid_input) that names the
// field.
RepositorySettings parse_repository_settings(std::string_view text);

}  // namespace lodestone::packages
