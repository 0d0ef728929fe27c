// Retention: what a repository's rules (retention_rules.hpp) say of what it holds. Previews look, rounds
// delete: what goes can be restored as if somebody had deleted it, and the audit log has the reason.
#pragma once

#include <atomic>
#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "db/page.hpp"
#include "db/tx.hpp"
#include "packages/format.hpp"
#include "packages/retention_rules.hpp"

namespace lodestone::db {
class Database;
}

namespace lodestone::packages {

struct PreviewFilters {
    std::optional<std::string> package;  // its key
    std::optional<bool> stays;
};
BOOST_DESCRIBE_STRUCT(PreviewFilters, (), (package, stays))

struct PreviewedVersion {
    std::string package;
    std::string version;
    VersionId version_id;
    Time published_at{};
    bool stays = true;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(PreviewedVersion, (), (package, version, version_id, published_at, stays, reason))

struct RetentionPlace {
    RepositoryPlace repository;
    const Format& format;
};
// What a round would do now, package by package, the newest versions first. A page looks at a bounded number
// of packages, so it may hold less than asked for, or nothing, and yet have a next one.
db::Page<PreviewedVersion> preview_retention(db::Tx& tx, const RetentionPlace& place,
                                             const RepositoryRetention& rules,
                                             const db::ListRequest& request);

struct RuledRepository;  // its row

class RetentionRounds {
  public:
    explicit RetentionRounds(Formats formats) : formats_(formats) {}

    // Goes through all repositories whose rules are applied, and deletes what they let go: a bounded number
    // of versions in one transaction, each of which judges anew. Answers how many versions that were.
    std::int64_t run(db::Database& database);
    // A round ends early from now on.
    void stop() { is_stopped_.store(true); }

  private:
    std::int64_t run_in(db::Database& database, const RuledRepository& repository);

    Formats formats_;
    std::atomic<bool> is_stopped_{false};
};

}  // namespace lodestone::packages
