// What a repository holds, in numbers that each transaction keeps by what it changes.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>

#include "db/tx.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

struct Usage {
    std::int64_t bytes = 0;  // each blob once, however many versions have it
    std::int64_t package_count = 0;
    std::int64_t version_count = 0;
    std::int64_t file_count = 0;

    bool operator==(const Usage&) const = default;
};
BOOST_DESCRIBE_STRUCT(Usage, (), (bytes, package_count, version_count, file_count))

Usage find_usage(db::Tx& tx, const RepositoryPlace& place);
// Of all repositories that are not deleted: of one app, or of the tenant.
std::int64_t find_app_bytes(db::Tx& tx, const TenantId& tenant, const AppId& app);
std::int64_t find_tenant_bytes(db::Tx& tx, const TenantId& tenant);
// The last statement of a transaction: others who change the same repository wait for its end, or are
// repeated.
void change_usage(db::Tx& tx, const RepositoryPlace& place, const Usage& difference);

}  // namespace lodestone::packages
