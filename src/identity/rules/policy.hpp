// Policies: what roles do not say, in sentences of a tenant's own. "Nobody publishes from outside the
// office"; "robots may not delete". One that denies wins over everything that allows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/rules/conditions.hpp"
#include "identity/rules/rights.hpp"

namespace lodestone::identity {

// As the policy is stored: lists and conditions are JSON.
struct PolicyText {
    PolicyId id;
    std::string name;
    std::optional<AppId> app;  // counts only for what belongs to this app
    PolicyEffect effect = PolicyEffect::deny;
    std::string
        subjects;  // ["*"], ["role:developer", "user:ID", "key:ID", "app:ID", "anonymous"], or ids of users
    std::string actions;     // patterns of permissions
    std::string resources;   // patterns of resources
    std::string conditions;  // conditions.hpp; [] for none
};

struct Policy {
    PolicyId id;
    std::string name;
    std::optional<AppId> app;
    PolicyEffect effect = PolicyEffect::deny;
    std::vector<std::string> subjects;
    std::vector<std::string> actions;
    std::vector<std::string> resources;
    std::vector<Condition> conditions;
};

// Nothing when it cannot be read; then `fault` is a clause that begins with the field: "subjects has an entry
// …".
std::optional<Policy> parse_policy(const PolicyText& text, std::string& fault);

// Whether the policy speaks of this request. `*` among the subjects is everybody, whoever they are.
bool applies(const Policy& policy, const Principal& principal, std::string_view permission,
             const Resource& resource, const Circumstances& circumstances);

// A policy that denies somebody the reading of some of what is in this repository of the app, and strangers
// not: were the repository public, whoever it is about would only have to say nothing of themselves. Null:
// there is none.
const Policy* find_evaded_policy(const PolicySet& set, std::string_view repository, const AppId& app);

// Of `all` packages of a repository: whether a policy that denies speaks of each of them, whatever it is; and
// whether one that allows may speak of any.
bool denies_all(const Policy& policy, const Principal& principal, std::string_view permission,
                const Resource& all, const Circumstances& circumstances);
bool may_allow_some(const Policy& policy, const Principal& principal, std::string_view permission,
                    const Resource& all);

// Likewise: whether it may say something else of some of them than of all together.
bool may_tell_apart(const Policy& policy, std::string_view permission, const Resource& all);

// Whether it may speak of this one at all: by id, as everybody, or by a role, in whichever app.
bool names(const Policy& policy, const Principal& principal);
// Whether it speaks of this one wherever it speaks of anybody: not by a role in one app.
bool names_everywhere(const Policy& policy, const Principal& principal);

}  // namespace lodestone::identity
