// Fetching: from what a client asks for to the bytes, by one look-up; and the one place through which bytes
// of versions leave, whatever the format, and are counted.
#pragma once

#include <boost/describe/class.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/response.hpp"
#include "packages/directory.hpp"
#include "packages/file.hpp"
#include "packages/tombstone.hpp"

namespace lodestone::packages {

struct FoundFile {
    PackageId package_id;
    VersionId version_id;
    std::string version_name;
    std::string name;
    blobs::BlobId blob_id;
    Sha256 sha256{};
    std::int64_t size_bytes = 0;
    std::string content_type;
    std::string digests;
    Time created_at{};
    std::optional<blobs::BlobId> copy_id;
    std::optional<Time> withdrawn_at;

    // False: its bytes were damaged where they are kept.
    bool is_readable() const { return !withdrawn_at; }
    // Where its bytes are; throws Problem(unavailable) when nobody gets them.
    blobs::BlobKey key() const;
};
BOOST_DESCRIBE_STRUCT(FoundFile, (),
                      (package_id, version_id, version_name, name, blob_id, sha256, size_bytes, content_type,
                       digests, created_at, copy_id, withdrawn_at))

// Of what is not deleted, yanked or not.
std::optional<FoundFile> find_fetched(db::Tx& tx, const RepositoryPlace& place, const FileKey& key);
// The file of the version that has the tag.
std::optional<FoundFile> find_fetched_by_tag(db::Tx& tx, const RepositoryPlace& place,
                                             std::string_view package_key, std::string_view tag,
                                             std::string_view file);
// Of the newest version that is not yanked.
std::optional<FoundFile> find_fetched_newest(db::Tx& tx, const RepositoryPlace& place,
                                             std::string_view package_key, std::string_view file);

struct Fetched {
    TenantId tenant;
    const RepositoryEntry& repository;
    PackageId package;
    VersionId version;
    blobs::BlobKey key;
    std::int64_t size_bytes = 0;
    std::string_view name;      // for a refusal
    bool is_counted = true;     // as a download of that version
    bool may_redirect = false;  // the protocol's clients follow to where the store has the bytes
    // For whoever only asks, mostly to send then what is not there: throws what he is told when the store has
    // lost it. If it does not, he is refused as everybody else.
    std::function<Task<>()> refuse_lost = nullptr;
    // What is in memory is not asked of the store.
    std::optional<http::SharedBytes> bytes = std::nullopt;
};
// Completes what the format says of the file with its bytes, or says where they are (blobs/redirect.hpp).
// Throws Problem(unavailable) when they cannot be read. Counts a download when this is a GET that gets the
// file from its first byte on: not a HEAD, nor what the client has already (304), nor further parts of what
// is fetched in several.
Task<http::Response> send_fetched(Context& context, const http::Request& request, Fetched what,
                                  http::Response described);

}  // namespace lodestone::packages
