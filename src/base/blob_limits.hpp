// Limits on bytes that are kept: how they come in, how long they are promised, how they go.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

// Threads that wait for the disk to confirm what it was given: so many uploads share one commit of its
// journal.
inline constexpr std::size_t sync_threads = 12;
inline constexpr auto storage_probe_pause = 1s;  // between tries to write, when the storage has failed
inline constexpr auto leftover_draft_age = 24h;  // then a draft without an owner is nobody's any more

// What names the place that a blob is promised to: a repository's id and a package's key.
inline constexpr std::size_t blob_scope_bytes = 1 * kib;
inline constexpr auto blob_lease = 60min;  // from the promise to the version that uses the blob
inline constexpr auto blob_grace = 60min;  // between condemned and deleted, unless blobs.grace says otherwise
inline constexpr std::int64_t collected_rows = 200;  // blobs, leases or uploads that one transaction changes

inline constexpr auto upload_lifetime = 24h;  // of an upload session that nobody touches
inline constexpr auto upload_hold = 60s;      // of one request on an upload; it asks for more when it lasts

}  // namespace lodestone::limits
