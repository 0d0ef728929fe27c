// The directory of repositories: what the gate and the formats' handlers have to know of one, in memory.
// Bounded, and safe from every thread; several requests that miss the same one load it once.
//
// What is kept, also that there is none, is believed for limits::repository_lifetime and no longer than no
// repository, app or tenant of its tenant was changed: here after the commit, elsewhere when it is told.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "base/change_watch.hpp"
#include "base/context.hpp"
#include "base/package_limits.hpp"
#include "cache/flight_memory.hpp"
#include "cache/tenant_changes.hpp"
#include "db/unit.hpp"
#include "http/server/request.hpp"
#include "identity/gate/repository_directory.hpp"
#include "packages/format.hpp"
#include "packages/repository.hpp"
#include "packages/repository_settings.hpp"

namespace lodestone::blobs {
class Blobs;
}

namespace lodestone::packages {

class DownloadCounter;
class IndexMemory;
struct StoredRepository;  // its row

struct RepositoryEntry : identity::RepositoryFacts {
    const Format* described = nullptr;     // never null of one that the directory finds
    blobs::Blobs* blobs = nullptr;         // where its bytes are
    DownloadCounter* downloads = nullptr;  // null: nobody counts them
    IndexMemory* indexes = nullptr;        // null: none are served
    // What has come since the quotas were last asked (check_room()); likewise never null.
    std::atomic<std::uint64_t>* unasked_bytes = nullptr;
    std::int64_t number = 0;  // what names it in rows that there are many of
    RepositoryKind kind = RepositoryKind::hosted;
    RepositorySettings settings;
};

// Of the request of a route whose access column names a repository.
std::shared_ptr<const RepositoryEntry> repository_of(const http::Request& request);

class Directory final : public identity::RepositoryDirectory {
  public:
    Directory(Context& context, Formats formats);
    ~Directory() override;
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    // Where the bytes are of what is found from now on; before anybody asks.
    void keep_bytes_in(blobs::Blobs& blobs) { blobs_ = &blobs; }
    // Likewise, who counts what is fetched from it.
    void count_downloads_with(DownloadCounter& downloads) { downloads_ = &downloads; }
    // Likewise, who keeps its indexes.
    void keep_indexes_in(IndexMemory& indexes) { indexes_ = &indexes; }

    // By its name or id.
    std::optional<identity::FoundRepository> find_now(const TenantId& tenant,
                                                      std::string_view called) override;
    Task<identity::FoundRepository> find(TenantId tenant, std::string called, SteadyTime deadline) override;

    // After a change is committed: what was loaded before is believed no more.
    void note_changes(const std::vector<db::Change>& changes);
    // Hears from now on what other processes and nodes change. Ends with the directory, or before.
    void start_watching();
    void stop_watching();

    std::size_t size() const { return memory_.size(); }

  private:
    using Memory = cache::FlightMemory<identity::FoundRepository>;

    identity::FoundRepository make_entry(const StoredRepository& stored) const;
    void load(const TenantId& tenant, const std::string& called, SteadyTime deadline, std::uint64_t asked);
    void heed(const std::string& payload);

    Context& context_;
    Formats formats_;
    blobs::Blobs* blobs_ = nullptr;
    DownloadCounter* downloads_ = nullptr;
    IndexMemory* indexes_ = nullptr;
    cache::TenantChanges<limits::repository_groups> changes_;
    // By the repository's number: of those that meet, each is asked about a little earlier. Not in the entry,
    // which is made anew with every change.
    mutable std::array<std::atomic<std::uint64_t>, limits::repository_groups> unasked_bytes_{};
    Memory memory_{limits::cached_repositories};
    std::unique_ptr<ChangeWatch> watch_;
};

// In the transaction of the changes: tells other nodes of those that the directory has to hear of.
void notify_of(db::Tx& tx, const std::vector<db::Change>& changes);

}  // namespace lodestone::packages
