// Fetching: from what a client asks for to the bytes, by one look-up.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

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

    blobs::BlobKey key() const { return {.sha256 = sha256, .id = blob_id}; }
};
BOOST_DESCRIBE_STRUCT(FoundFile, (),
                      (package_id, version_id, version_name, name, blob_id, sha256, size_bytes, content_type,
                       digests, created_at))

// Of what is not deleted, yanked or not.
std::optional<FoundFile> find_fetched(db::Tx& tx, const RepositoryPlace& place, const FileKey& key);
// The file of the version that has the tag.
std::optional<FoundFile> find_fetched_by_tag(db::Tx& tx, const RepositoryPlace& place,
                                             std::string_view package_key, std::string_view tag,
                                             std::string_view file);
// Of the newest version that is not yanked.
std::optional<FoundFile> find_fetched_newest(db::Tx& tx, const RepositoryPlace& place,
                                             std::string_view package_key, std::string_view file);

}  // namespace lodestone::packages
