// What somebody may do, as it was when it was loaded: roles and the tenant's policies. Shared by all requests
// of the same principal until something changes (gate/principal_cache.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "identity/rules/address_rules.hpp"
#include "identity/rules/ids.hpp"
#include "identity/rules/resource.hpp"
#include "identity/rules/roles.hpp"

namespace lodestone::identity {

struct Policy;

// The policies of one tenant, for all of its people and for strangers, and what else counts for everybody.
struct PolicySet {
    AddressRules addresses;
    bool is_suspended = false;  // the tenant, or it is not there: strangers are shown nothing of it
    std::vector<Policy> policies;
    // Those that cannot be read, by name. Nobody knows what they forbid, so while there are any, everything
    // is.
    std::vector<std::string> unreadable;

    PolicySet();
    ~PolicySet();
    PolicySet(const PolicySet&) = delete;
    PolicySet& operator=(const PolicySet&) = delete;
};

struct Rights {
    std::vector<Role> roles;                       // in the whole tenant
    std::map<AppId, std::vector<Role>> app_roles;  // in one app each; none of suspended apps
    std::shared_ptr<const PolicySet> policies;     // null: there are none

    bool is_owner() const;
    const std::vector<Role>* find_app_roles(const AppId& app) const;
};

// Whether they allow all that the role does: in the whole tenant, or in this app.
bool has_all_of(const Rights& rights, const std::optional<AppId>& app, const Role& role);

// The app that something belongs to, which an app itself does too.
AppId app_of(const Resource& resource);

}  // namespace lodestone::identity
