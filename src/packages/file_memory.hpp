// The memory of small files that are asked for again and again: what is said of each, and its bytes, so that
// a GET is a look-up and one write, as that of an index is. Only of repositories whose changes are told
// (Format::has_indexes): what is kept is believed until a change to its package is noted, and for
// limits::index_lifetime at the most. The bytes were hashed before they were kept: they are good even where
// the store's have been damaged since.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/context.hpp"
#include "base/file_limits.hpp"
#include "base/task.hpp"
#include "cache/bounded_memory.hpp"
#include "packages/directory.hpp"
#include "packages/fetch.hpp"
#include "packages/index_changes.hpp"

namespace lodestone::packages {

struct KeptFile {
    FoundFile file;
    std::string bytes;
};

class FileMemory {
  public:
    FileMemory(Context& context, const IndexChanges& changes,
               std::size_t most_bytes = limits::file_memory_bytes);

    using Found = std::shared_ptr<const KeptFile>;

    // What is in memory and may be believed.
    Found find_now(const RepositoryEntry& repository, const FileKey& key);

    // Before a file is looked up: what is kept of it later knows of all changes up to then.
    std::uint64_t last_change() const { return changes_.last(); }
    // Whether a file is one to keep: small, readable, and asked for before. Whoever asks, asks for it.
    bool is_wanted(const RepositoryEntry& repository, const FileKey& key, const FoundFile& file);
    // Reads its bytes and keeps it. Null: they cannot be read, or are not what they were.
    Task<Found> keep(const RepositoryEntry& repository, const FileKey& key, FoundFile file,
                     std::uint64_t asked);

    std::size_t size_bytes() const { return kept_.size_bytes(); }

  private:
    using Kept = cache::BoundedMemory<KeptFile>::Kept;

    Context& context_;
    const IndexChanges& changes_;
    cache::BoundedMemory<KeptFile> kept_;
    std::array<std::atomic<std::uint32_t>, limits::noted_files> asked_for_{};
};

}  // namespace lodestone::packages
