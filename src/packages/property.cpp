// Properties in the database.
#include "packages/property.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Command<TenantId, RepositoryId, PackageId, VersionId, std::string, std::string> put{
    "property.put",
    "INSERT INTO properties (tenant_id, repository_id, package_id, version_id, name, value) "
    "VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (tenant_id, repository_id, package_id, version_id, name) DO UPDATE SET value = "
    "excluded.value"};

const db::Command<TenantId, RepositoryId, PackageId, std::string, std::string> delete_by_value{
    "property.delete_by_value",
    "DELETE FROM properties WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND name = $4 "
    "  AND value = $5"};

}  // namespace

void put_property(Tx& tx, const VersionPlace& place, std::string_view name, std::string_view value) {
    const PackagePlace& in = place.package;
    tx.run(put, in.tenant, in.repository, in.package, place.version, std::string(name), std::string(value));
}

void delete_properties(Tx& tx, const PackagePlace& place, std::string_view name, std::string_view value) {
    tx.run(delete_by_value, place.tenant, place.repository, place.package, std::string(name),
           std::string(value));
}

}  // namespace lodestone::packages
