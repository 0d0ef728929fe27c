// Policies as they are stored: what a tenant allows or denies beside its roles. What they mean is decided in
// rules/policy.hpp.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "identity/rules/conditions.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

enum class PolicyStatus : std::uint8_t { active, inactive };
BOOST_DESCRIBE_ENUM(PolicyStatus, active, inactive)

struct StoredPolicy : db::Noun {
    PolicyId id;                  // made by make_id()
    std::optional<AppId> app_id;  // counts only for what belongs to this app; absent: for the whole tenant
    std::string name;
    std::string description;
    PolicyEffect effect = PolicyEffect::deny;
    std::string subjects = "[]";  // JSON lists of texts …
    std::string actions = "[]";
    std::string resources = "[]";
    std::string conditions = "[]";  // … and of {"attribute", "operator", "value"}
    PolicyStatus status = PolicyStatus::active;
    std::string metadata = "{}";  // a JSON object of the client's own

    bool operator==(const StoredPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(StoredPolicy, (db::Noun),
                      (id, app_id, name, description, effect, subjects, actions, resources, conditions,
                       status, metadata))

// Two policies of a tenant never have the same name, case aside.
std::optional<StoredPolicy> find_policy(db::Tx& tx, const TenantId& tenant, const PolicyId& id);
std::optional<StoredPolicy> find_policy_by_name(db::Tx& tx, const TenantId& tenant, std::string_view name);
// Filters: app_id, effect, status, name (what it begins with), search (what it holds). Sorts: name,
// created_at, -created_at.
db::Page<StoredPolicy> list_policies(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);
// For the gate: all that are active, and whose app is not deleted.
std::vector<StoredPolicy> list_active_policies(db::Tx& tx, const TenantId& tenant);

// These answer with what is stored now, and refuse with a Problem as a tenant's do: also what the rules
// cannot read, since a policy that nobody understands protects nothing.
StoredPolicy insert_policy(db::Tx& tx, const TenantId& tenant, StoredPolicy policy);
StoredPolicy update_policy(db::Tx& tx, const TenantId& tenant, StoredPolicy policy);
StoredPolicy delete_policy(db::Tx& tx, const TenantId& tenant, StoredPolicy policy);
StoredPolicy restore_policy(db::Tx& tx, const TenantId& tenant, const PolicyId& id);

}  // namespace lodestone::identity
