// What the protocol asks of the database, each by one statement.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blobs/blob.hpp"
#include "db/tx.hpp"
#include "formats/oci/place.hpp"
#include "formats/oci/reference.hpp"
#include "packages/version.hpp"

namespace lodestone::formats::oci {

// Bytes that an image shows, or was promised.
struct ImageBlob {
    blobs::BlobId id;
    Sha256 sha256{};
    std::int64_t size_bytes = 0;
    std::optional<Time> leased_until;  // none: a manifest names it
    std::optional<blobs::BlobId> copy_id;

    blobs::BlobKey key() const { return {.sha256 = sha256, .id = copy_id.value_or(id)}; }
};
BOOST_DESCRIBE_STRUCT(ImageBlob, (), (id, sha256, size_bytes, leased_until, copy_id))

std::optional<ImageBlob> find_image_blob(db::Tx& tx, const Place& place, const Sha256& sha256);
// By any digest; two statements where it is no SHA-256.
std::optional<ImageBlob> find_image_blob(db::Tx& tx, const Place& place, const ContentDigest& digest);

// Whether the image shows bytes of that digest, and they are quarantined. Several statements.
bool is_quarantined(db::Tx& tx, const Place& place, const ContentDigest& digest);

struct StoredManifest {
    packages::PackageId package_id;
    packages::VersionId version_id;
    std::string digest;
    blobs::BlobId blob_id;
    Sha256 sha256{};
    std::int64_t size_bytes = 0;
    std::string content_type;
    Time created_at{};
    packages::VersionState state{};
    std::string yank_reason;
    std::string deprecation;
    std::optional<blobs::BlobId> copy_id;
    std::optional<Time> withdrawn_at;

    // False: its bytes were damaged where they are kept.
    bool is_readable() const { return !withdrawn_at; }
    // Where its bytes are; throws Problem(unavailable) when nobody gets them.
    blobs::BlobKey key() const;
};
BOOST_DESCRIBE_STRUCT(StoredManifest, (),
                      (package_id, version_id, digest, blob_id, sha256, size_bytes, content_type, created_at,
                       state, yank_reason, deprecation, copy_id, withdrawn_at))

std::optional<StoredManifest> find_manifest(db::Tx& tx, const Place& place, const Reference& reference);

// In the order of their bytes, behind `after`.
std::vector<std::string> list_tag_names(db::Tx& tx, const packages::PackagePlace& place,
                                        std::string_view after, std::int64_t limit);

// What the gate has to know of a repository of images.
struct ListedRepository {
    packages::RepositoryId id;
    packages::AppId app_id;
    std::string name;
    bool is_public = false;
    bool is_app_active = false;
};
BOOST_DESCRIBE_STRUCT(ListedRepository, (), (id, app_id, name, is_public, is_app_active))
struct ListedImage {
    packages::PackageId id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(ListedImage, (), (id, name))

// Of a tenant's repositories of images those whose names are `first` or stand behind it, by name.
std::vector<ListedRepository> list_image_repositories(db::Tx& tx, const TenantId& tenant,
                                                      std::string_view first, std::int64_t limit);
// Of one of them the images behind `after`, by name.
std::vector<ListedImage> list_image_names(db::Tx& tx, const packages::RepositoryPlace& place,
                                          std::string_view after, std::int64_t limit);
// Also of what is deleted, until it is purged: where a list goes on.
std::optional<std::string> find_repository_name(db::Tx& tx, const TenantId& tenant,
                                                const packages::RepositoryId& id);
std::optional<std::string> find_image_name(db::Tx& tx, const packages::RepositoryPlace& place,
                                           const packages::PackageId& id);

struct StoredReferrer {
    std::string digest;
    std::string facts;
    std::string content_type;
    std::int64_t size_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(StoredReferrer, (), (digest, facts, content_type, size_bytes))

struct ReferrersWanted {
    std::string subject;
    std::optional<std::string> artifact_type;
    std::string after;  // a digest
    std::int64_t limit = 0;
};
std::vector<StoredReferrer> list_stored_referrers(db::Tx& tx, const packages::PackagePlace& place,
                                                  const ReferrersWanted& wanted);

// Properties of versions by which referrers are found.
inline constexpr std::string_view subject_property = "oci.subject";
inline constexpr std::string_view artifact_type_property = "oci.artifact_type";

}  // namespace lodestone::formats::oci
