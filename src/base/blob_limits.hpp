// Limits on bytes that are kept: how they come in, how long they are promised, how they go.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

// Threads that wait for the disk to confirm what it was given: so many uploads share one commit of its
// journal.
inline constexpr std::size_t sync_threads = 12;
// The disk is told to begin with what a draft has so far after so many bytes each: else it would begin when
// it is asked to confirm all of it, and whoever sends would wait for that.
inline constexpr std::uint64_t disk_stretch_bytes = 8 * mib;
inline constexpr auto storage_probe_pause = 1s;        // between tries to write, when the storage has failed
inline constexpr std::size_t storage_name_bytes = 64;  // by which a database knows its folder or bucket
inline constexpr auto leftover_draft_age = 24h;        // then a draft without an owner is nobody's any more

// What has to be looked at before it is stored: so much of each, and of all together, in memory, the rest in
// files; and the threads that do so, unless there are more processors.
inline constexpr std::uint64_t spooled_bytes = 1 * mib;
inline constexpr std::uint64_t spooled_bytes_together = 64 * mib;
inline constexpr std::size_t scratch_threads_least = 2;

// What names the place that a blob is promised to: a repository's id and a package's key.
inline constexpr std::size_t blob_scope_bytes = 1 * kib;
inline constexpr auto blob_lease = 60min;  // from the promise to the version that uses the blob
inline constexpr auto blob_grace = 60min;  // between condemned and deleted, unless blobs.grace says otherwise
inline constexpr std::int64_t collected_rows = 50;  // that one transaction changes, while others wait
inline constexpr std::chrono::milliseconds collection_least_rest{
    5};  // behind a step, where a run stands back
inline constexpr std::chrono::milliseconds collection_longest_rest{500};

// Scrubbing hashes again what is stored, as many bytes a second as blobs.scrub_rate says; a blob counts as no
// less than that many. What it found out is written down together, after so many blobs or so long.
inline constexpr auto scrub_interval = 30 * 24h;
inline constexpr std::uint64_t scrub_rate_bytes = 16 * mib;
inline constexpr std::uint64_t scrub_least_bytes = 64 * kib;
inline constexpr std::size_t scrub_piece_bytes = 1 * mib;  // that is read and hashed at a stretch
inline constexpr std::int64_t scrubbed_rows = 100;
inline constexpr auto scrub_note_pause = 15s;
inline constexpr auto quarantine_check_pause = 24h;  // until what is quarantined is looked at again
inline constexpr auto unreadable_pause = 1h;         // until what could not be read is tried again
// Where blobs are missing, so many of the oldest and of the newest (but for the last unnamed_age) are asked
// for, too: if they are missing as well, that is no damage, but another folder or bucket.
inline constexpr std::int64_t scrub_suspicious_blobs = 8;
// Bytes that no row names are garbage after that long: their upload has ended in one way or another.
inline constexpr auto unnamed_age = 24h;
inline constexpr std::size_t swept_keys = 20'000;  // of one slice; where there are more, it is parted

inline constexpr auto upload_lifetime = 24h;           // of an upload session that nobody touches
inline constexpr auto upload_lifetime_most = 6 * 24h;  // of one that somebody goes on with
inline constexpr auto upload_hold = 60s;  // of one request on an upload; it asks for more when it lasts

// A store that speaks S3. The parts of a large object: 5 MiB is the least that S3 takes of any but the last,
// and 10 000 are the most; so the largest object has about 145 GiB.
inline constexpr std::size_t s3_least_part_bytes = 5 * mib;
inline constexpr std::size_t s3_early_part_bytes = 8 * mib;
inline constexpr std::size_t s3_late_part_bytes = 16 * mib;
inline constexpr std::size_t s3_early_parts = 1'000;
inline constexpr std::size_t s3_parts = 10'000;
// Of each upload without asking; beyond it counts against s3.buffer, for which it waits so long at most.
inline constexpr std::size_t s3_free_bytes = 256 * kib;
inline constexpr std::uint64_t s3_buffer_bytes = 128 * mib;
inline constexpr auto s3_buffer_wait = 30s;
inline constexpr std::size_t s3_small_bytes = 64 * kib;  // read whole when it is opened
inline constexpr auto s3_timeout = 60s;                  // for one call, with all that is tried again
inline constexpr int s3_attempts = 5;
// Of a download, since its connection was lost: the next loss counts as the first again. What gives less each
// time is given up after so many attempts.
inline constexpr std::uint64_t s3_regained_bytes = 1 * mib;
inline constexpr auto s3_retry_pause = 100ms;  // before the second attempt; twice that before the third …
inline constexpr std::size_t s3_answer_bytes = 2 * mib;  // of what is no object: a listing, an error
inline constexpr std::size_t s3_xml_elements = 20'000;
inline constexpr std::size_t s3_xml_depth = 8;
inline constexpr std::size_t s3_xml_name_bytes = 100;   // of an element
inline constexpr std::size_t s3_listed_keys = 1'000;    // of one listing
inline constexpr std::size_t s3_state_bytes = 1 * mib;  // of an unfinished upload, as its row keeps it
inline constexpr std::size_t s3_bucket_bytes = 63;
inline constexpr std::size_t s3_prefix_bytes = 512;
inline constexpr std::size_t s3_tag_bytes = 1 * kib;  // of an upload's id, or an ETag
inline constexpr auto s3_leftover_age = 7 * 24h;      // then parts are nobody's: no session lasts so long
inline constexpr auto s3_leftover_pause = 24h;        // between two looks for such parts
inline constexpr std::uint64_t linked_bytes =
    1 * mib;  // less is sent by us also where clients are sent to S3
inline constexpr auto s3_link_lifetime = 5min;
inline constexpr auto s3_link_lifetime_most = 7 * 24h;  // of a signed URL: S3 takes no longer one

}  // namespace lodestone::limits
