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

}  // namespace

void put_property(Tx& tx, const VersionPlace& place, std::string_view name, std::string_view value) {
    const PackagePlace& in = place.package;
    tx.run(put, in.tenant, in.repository, in.package, place.version, std::string(name), std::string(value));
}

}  // namespace lodestone::packages
