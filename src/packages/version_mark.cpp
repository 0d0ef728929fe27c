// One statement, whose rows are short.
#include "packages/version_mark.hpp"

#include "db/query.hpp"
#include "db/tx.hpp"

namespace lodestone::packages {

namespace {

const db::Query<VersionMark, TenantId, RepositoryId, PackageId> list{
    "version_mark.list",
    "SELECT name, name_key, state, yank_reason, deprecation, published_at FROM versions "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND deleted_at IS NULL "
    "ORDER BY published_at, id"};

}  // namespace

std::vector<VersionMark> list_version_marks(db::Tx& tx, const PackagePlace& place) {
    return tx.all(list, place.tenant, place.repository, place.package);
}

}  // namespace lodestone::packages
