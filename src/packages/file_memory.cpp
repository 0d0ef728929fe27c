// Files are read whole once, and hashed, before they are kept.
#include "packages/file_memory.hpp"

#include <functional>
#include <utility>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/metrics.hpp"
#include "base/package_limits.hpp"
#include "blobs/blobs.hpp"
#include "blobs/stored_bytes.hpp"

namespace lodestone::packages {

namespace {

std::string key_of(const RepositoryEntry& repository, const FileKey& key) {
    std::string text = std::to_string(repository.number);
    for (const std::string* part : {&key.package, &key.version, &key.name})
        text.append(1, '\0').append(*part);
    return text;
}

}  // namespace

FileMemory::FileMemory(Context& context, const IndexChanges& changes, std::size_t most_bytes)
    : context_(context), changes_(changes), kept_(most_bytes) {
    context.metrics.add_reader("lodestone_file_memory_bytes", "What small files take in memory.",
                               Metrics::ReadAs::gauge, [this] { return static_cast<double>(size_bytes()); });
}

FileMemory::Found FileMemory::find_now(const RepositoryEntry& repository, const FileKey& key) {
    const std::size_t group = index_group(repository.number, key.package);
    return kept_.find(key_of(repository, key), [&](const Kept& kept) {
        return context_.clock.steady_now() - kept.loaded < limits::index_lifetime &&
               changes_.is_current(kept.asked, group);
    });
}

// Two that share a place drive each other out, and are kept a little later.
bool FileMemory::is_wanted(const RepositoryEntry& repository, const FileKey& key, const FoundFile& file) {
    if (file.size_bytes > limits::remembered_file_bytes || !file.is_readable()) return false;
    const std::size_t hash = std::hash<std::string>()(key_of(repository, key));
    const auto mark = static_cast<std::uint32_t>(hash >> 32);
    return asked_for_[hash % asked_for_.size()].exchange(mark) == mark;
}

Task<FileMemory::Found> FileMemory::keep(const RepositoryEntry& repository, const FileKey& key,
                                         FoundFile file, std::uint64_t asked) {
    const SteadyTime loaded = context_.clock.steady_now();
    auto body = co_await repository.blobs->open(file.key(), file.size_bytes);
    if (!body) co_return nullptr;
    std::string bytes = co_await blobs::read_stored(*std::move(body), limits::remembered_file_bytes);
    Sha256Digest digest;
    digest.add(bytes);
    if (digest.finish() != file.sha256) co_return nullptr;
    const std::size_t size_bytes = sizeof(KeptFile) + bytes.size() + file.digests.size();
    auto kept =
        std::make_shared<const KeptFile>(KeptFile{.file = std::move(file), .bytes = std::move(bytes)});
    kept_.keep({.key = key_of(repository, key),
                .value = kept,
                .loaded = loaded,
                .asked = asked,
                .size_bytes = size_bytes});
    co_return kept;
}

}  // namespace lodestone::packages
