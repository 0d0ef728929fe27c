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
    TenantStatus status = TenantStatus::active;  // nobody of a suspended one is let in
    std::optional<std::string> domain;           // "acme.example", in small letters
    std::string config = "{}";                   // JSON of a TenantConfig …
    std::string settings = "{}";                 // … and of TenantSettings (tenant_settings.hpp)
    std::string metadata = "{}";                 // a JSON object of the client's own

    bool operator==(const Tenant&) const = default;
};
BOOST_DESCRIBE_STRUCT(Tenant, (db::Noun), (id, name, status, domain, config, settings, metadata))

// What belongs to the installation and to nobody's organisation. Nobody and nothing is in it, and it is
// neither suspended nor deleted.
inline constexpr std::string_view platform_tenant = "platform";
// Refuses (conflict) to do that to the platform's tenant.
void check_is_organisation(const TenantId& id, std::string_view what);

// Two tenants never have the same name or domain, case aside; a deleted one's are free for others. What is
// deleted is found and listed no more.
std::optional<Tenant> find_tenant(db::Tx& tx, const TenantId& id);
std::optional<Tenant> find_tenant_by_name(db::Tx& tx, std::string_view name);
std::optional<Tenant> find_tenant_by_domain(db::Tx& tx, std::string_view domain);
// Filters: status, name (what it begins with), search (what it holds). Sorts: name, created_at, -created_at.
db::Page<Tenant> list_tenants(db::Tx& tx, const db::ListRequest& request);

// These answer with what is stored now, and refuse with a Problem: invalid_input, conflict, not_found, or
// precondition_failed when `tenant.version` is no longer the newest.
Tenant insert_tenant(db::Tx& tx, Tenant tenant);
Tenant update_tenant(db::Tx& tx, Tenant tenant);  // all but its id
// Verbs for update_tenant(); what has the status already is answered as it is.
Tenant suspend_tenant(db::Tx& tx, const TenantId& id);
Tenant activate_tenant(db::Tx& tx, const TenantId& id);
Tenant delete_tenant(db::Tx& tx, Tenant tenant);  // can be restored until it is purged
Tenant restore_tenant(db::Tx& tx, const TenantId& id);

}  // namespace lodestone::identity
