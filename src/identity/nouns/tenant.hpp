// Tenants: the organisations that everything else belongs to, and the wall that nothing crosses.
//
// The first noun, and the pair to copy for another one: docs/dev/data.md goes through it.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/tenant_id.hpp"
#include "db/noun.hpp"
#include "db/page.hpp"

namespace lodestone::identity {

enum class TenantStatus : std::uint8_t { active, suspended };
BOOST_DESCRIBE_ENUM(TenantStatus, active, suspended)

struct Tenant : db::Noun {
    TenantId id;  // made by make_id(), or chosen by whoever makes the tenant
    std::string name;
    TenantStatus status = TenantStatus::active;
    std::string metadata = "{}";  // a JSON object of the client's own

    bool operator==(const Tenant&) const = default;
};
BOOST_DESCRIBE_STRUCT(Tenant, (db::Noun), (id, name, status, metadata))

// Two tenants never have the same name, case aside; a deleted one's name is free for others. What is deleted
// is found and listed no more.
std::optional<Tenant> find_tenant(db::Tx& tx, const TenantId& id);
std::optional<Tenant> find_tenant_by_name(db::Tx& tx, std::string_view name);
// Filters: status, name (what it begins with), search (what it holds). Sorts: name, created_at, -created_at.
db::Page<Tenant> list_tenants(db::Tx& tx, const db::ListRequest& request);

// These answer with what is stored now, and refuse with a Problem: invalid_input, conflict, not_found, or
// precondition_failed when `tenant.version` is no longer the newest.
Tenant insert_tenant(db::Tx& tx, Tenant tenant);
Tenant update_tenant(db::Tx& tx, Tenant tenant);  // its name, status and metadata
Tenant delete_tenant(db::Tx& tx, Tenant tenant);  // can be restored until it is purged
Tenant restore_tenant(db::Tx& tx, const TenantId& id);

// Removes for good what was deleted before `deadline`, a bounded number at a time; answers how many. Zero:
// done.
std::int64_t purge_tenants(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
