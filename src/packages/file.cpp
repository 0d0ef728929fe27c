// Files in the database.
#include "packages/file.hpp"

#include "base/package_limits.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Query<File, TenantId, RepositoryId, PackageId, VersionId, std::string> find{
    "file.find",
    "SELECT name, blob_id, sha256, size_bytes, content_type, digests, metadata, created_at, created_by "
    "FROM files WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4 AND name "
    "= $5"};

const db::Query<File, TenantId, RepositoryId, PackageId, VersionId, std::int64_t> list{
    "file.list",
    "SELECT name, blob_id, sha256, size_bytes, content_type, digests, metadata, created_at, created_by "
    "FROM files WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4 "
    "ORDER BY name LIMIT $5"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, std::string, blobs::BlobId, Sha256,
                  std::int64_t, std::string, std::string, std::string, Time, std::string>
    insert{"file.insert",
           "INSERT INTO files (tenant_id, repository_id, package_id, version_id, name, blob_id, sha256, "
           "                   size_bytes, content_type, digests, metadata, created_at, created_by) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, std::string, blobs::BlobId, Sha256,
                  std::int64_t, std::string, std::string, std::string, Time, std::string>
    replace{
        "file.replace",
        "UPDATE files SET blob_id = $6, sha256 = $7, size_bytes = $8, content_type = $9, digests = $10, "
        "                 metadata = $11, created_at = $12, created_by = $13 "
        "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4 AND name = $5"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, std::string> remove{
    "file.delete",
    "DELETE FROM files "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4 AND name = $5"};

void stamp(const Tx& tx, File& file) {
    file.created_at = tx.now();
    file.created_by = tx.unit().actor;
}

}  // namespace

std::optional<File> find_file(Tx& tx, const VersionPlace& place, std::string_view name) {
    const PackagePlace& in = place.package;
    return tx.maybe(find, in.tenant, in.repository, in.package, place.version, std::string(name));
}

std::vector<File> list_files(Tx& tx, const VersionPlace& place) {
    const PackagePlace& in = place.package;
    return tx.all(list, in.tenant, in.repository, in.package, place.version, limits::files_per_version);
}

bool insert_file(Tx& tx, const VersionPlace& place, File& file) {
    stamp(tx, file);
    const PackagePlace& in = place.package;
    return tx.run(insert, in.tenant, in.repository, in.package, place.version, file.name, file.blob_id,
                  file.sha256, file.size_bytes, file.content_type, file.digests, file.metadata,
                  file.created_at, file.created_by) != 0;
}

void replace_file(Tx& tx, const VersionPlace& place, File& file) {
    stamp(tx, file);
    const PackagePlace& in = place.package;
    tx.run(replace, in.tenant, in.repository, in.package, place.version, file.name, file.blob_id, file.sha256,
           file.size_bytes, file.content_type, file.digests, file.metadata, file.created_at, file.created_by);
}

void delete_file(Tx& tx, const VersionPlace& place, std::string_view name) {
    const PackagePlace& in = place.package;
    tx.run(remove, in.tenant, in.repository, in.package, place.version, std::string(name));
}

}  // namespace lodestone::packages
