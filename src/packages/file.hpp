// Files: the bytes of a version, each under a name. What a client has to be told of one stands in its row, so
// that a download is one look-up.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "blobs/store/blob_key.hpp"
#include "db/tx.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

struct VersionPlace {
    PackagePlace package;
    VersionId version;
};

struct File {
    std::string name;
    blobs::BlobId blob_id;
    Sha256 sha256{};
    std::int64_t size_bytes = 0;
    std::string content_type;
    std::string digests = "{}";   // JSON: others than SHA-256, by their names, in hexadecimal
    std::string metadata = "{}";  // JSON: what its format keeps of it
    Time created_at{};
    std::string created_by;

    bool operator==(const File&) const = default;
};
BOOST_DESCRIBE_STRUCT(File, (),
                      (name, blob_id, sha256, size_bytes, content_type, digests, metadata, created_at,
                       created_by))

std::optional<File> find_file(db::Tx& tx, const VersionPlace& place, std::string_view name);
// By name; a version's files are few enough to be listed at once (limits::files_per_version).
std::vector<File> list_files(db::Tx& tx, const VersionPlace& place);
// Who and when are filled in. False: there is one of that name.
bool insert_file(db::Tx& tx, const VersionPlace& place, File& file);
// Other bytes under the same name.
void replace_file(db::Tx& tx, const VersionPlace& place, File& file);
void delete_file(db::Tx& tx, const VersionPlace& place, std::string_view name);

}  // namespace lodestone::packages
