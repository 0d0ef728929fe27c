// decide(), step by step in the order of the header.
#include "identity/rules/decide.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include "identity/rules/permissions.hpp"
#include "identity/rules/policy.hpp"
#include "identity/rules/rights.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::identity {

namespace {

struct Question {
    const Principal& principal;
    std::string_view permission;
    const Resource& resource;
    const Circumstances& circumstances;
    Words words;
};

using Pieces = std::initializer_list<std::string_view>;

std::string join(Pieces pieces) {
    std::string text;
    for (const std::string_view piece : pieces) text += piece;
    return text;
}

Decision allow(const Question& question, Pieces rule, Pieces reason) {
    Decision decision{.is_allowed = true, .is_hidden = false, .rule = {}, .reason = {}};
    if (question.words == Words::for_refusals) return decision;
    decision.rule = join(rule);
    decision.reason = join(reason);
    return decision;
}

Decision refuse(std::string rule, std::string reason) {
    return {.is_allowed = false, .is_hidden = false, .rule = std::move(rule), .reason = std::move(reason)};
}

// What is no tenant's: who runs the installation, and the advisories that all of it asks.
bool is_of_installation(std::string_view permission) {
    return type_of(permission) == "platform_admin" || type_of(permission) == "advisory";
}

// What only those may do who run the installation, whatever roles say: "*" of an owner ends at these.
bool is_for_platform_alone(std::string_view permission) {
    static constexpr auto permissions = std::to_array<std::string_view>(
        {"tenant:create", "tenant:list", "tenant:suspend", "tenant:limit", "tenant:restore"});
    return std::ranges::count(permissions, permission) > 0 || is_of_installation(permission);
}

bool runs_installation(const Principal& principal) {
    return principal.is_platform_admin || principal.kind == PrincipalKind::operators;
}

// What happened to the installation itself; what happened in a tenant is the tenant's.
bool is_installation_audit(const Question& question) {
    return question.permission == "audit:list" && question.resource.tenant.is_empty();
}

bool is_platform_matter(const Question& question) {
    const std::string_view type = type_of(question.permission);
    return (type == "tenant" && question.resource.type == "tenant") ||
           is_of_installation(question.permission) || is_installation_audit(question);
}

// Whose a tenant is, and what it sets for itself, is nothing to platform administrators: through either they
// would get inside. The operator has the database, and so everything.
bool is_allowed_by_platform(const Question& question) {
    if (!runs_installation(question.principal) || !is_platform_matter(question)) return false;
    return question.principal.kind == PrincipalKind::operators ||
           is_for_platform_alone(question.permission) || question.permission == "tenant:read" ||
           question.permission == "tenant:delete" || is_installation_audit(question);
}

// What anybody may read without saying who they are, as far as the tenant's rules for everybody let them.
bool is_public_matter(const Question& question) {
    return question.resource.is_public && is_public_reading(question.permission);
}

Decision hide() {
    return {
        .is_allowed = false, .is_hidden = true, .rule = "tenant", .reason = "It belongs to another tenant."};
}

Decision decide_as_stranger(const Question& question) {
    const Principal stranger;
    Decision decision =
        decide(stranger, question.permission, question.resource, question.circumstances, question.words);
    return decision.is_allowed || decision.rule == rules::address ? decision : hide();
}

std::optional<Decision> judge_wall(const Question& question) {
    const Principal& principal = question.principal;
    if (is_allowed_by_platform(question)) return std::nullopt;
    // A tenant that one sees is no secret.
    if (principal.is_platform_admin && is_platform_matter(question) &&
        question.resource.tenant != principal.tenant)
        return refuse("platform",
                      "Who administers the installation makes, limits, suspends and deletes "
                      "tenants; the rest is for the tenant's owner.");
    if (question.resource.tenant.is_empty() || is_for_platform_alone(question.permission)) {
        if (!question.resource.tenant.is_empty() && question.resource.tenant != principal.tenant)
            return hide();
        return refuse("installation", "That is for those who run this installation.");
    }
    if (principal.is_anonymous() || question.resource.tenant == principal.tenant) return std::nullopt;
    return is_public_matter(question) ? decide_as_stranger(question) : hide();
}

// The policies and lists of the tenant whose the thing is.
const PolicySet* find_policies(const Question& question) {
    if (question.principal.is_anonymous()) return question.circumstances.house_rules.get();
    return question.principal.rights ? question.principal.rights->policies.get() : nullptr;
}

std::optional<Decision> judge_address(const PolicySet& policies, const Circumstances& circumstances) {
    const std::string_view setting = policies.addresses.find_refusal(circumstances.address);
    if (setting.empty()) return std::nullopt;
    return refuse(std::string(rules::address),
                  "The address is not let in there: the tenant's " + std::string(setting) + " says so.");
}

// A stranger is told nothing of a tenant that is suspended, nor of one whose rules nobody has asked for; its
// own people are told why by the gate.
std::optional<Decision> judge_tenant(const Question& question) {
    const PolicySet* policies = find_policies(question);
    if (policies == nullptr && question.principal.is_anonymous())
        return refuse("anonymous", "Sign in, or send a key.");
    if (policies == nullptr) return std::nullopt;
    if (policies->is_suspended) return refuse("suspended", "This tenant is suspended.");
    return judge_address(*policies, question.circumstances);
}

bool is_ones_own(const Question& question) {
    if (question.principal.kind != PrincipalKind::person || question.resource.attributes.empty())
        return false;
    const auto owner = question.resource.attributes.find(owner_attribute);
    return owner != question.resource.attributes.end() && !owner->second.empty() &&
           owner->second == question.principal.user.text() && is_for_oneself(question.permission);
}

// What may be done by somebody who has to do just that first; and signing out, which never needs more.
bool is_way_out(const Question& question, std::string_view duty) {
    return (question.permission == duty || question.permission == "session:revoke") && is_ones_own(question);
}

std::optional<Decision> judge_limits(const Question& question) {
    const Principal& principal = question.principal;
    if (principal.must_change_password && !is_way_out(question, "password:change"))
        return refuse(std::string(rules::password),
                      "You have to choose a new password before anything else.");
    if (principal.must_add_second_factor && !is_way_out(question, "second_factor:change") &&
        !is_way_out(question, "password:change"))
        return refuse(std::string(rules::second_factor),
                      "Your organisation asks for a second factor: add one, or sign in again with yours.");
    if (is_public_matter(question)) return std::nullopt;
    if (!is_in_scopes(question.permission, question.resource, principal.scopes))
        return refuse("scope", "What you have shown is not good for " + std::string(question.permission) +
                                   " on " + question.resource.text() + ".");
    if (!is_in_scopes(question.permission, question.resource, principal.app_scopes))
        return refuse("app_scope", "Keys of this app are not good for " + std::string(question.permission) +
                                       " (its config.allowed_scopes).");
    if (!is_in_scopes(question.permission, question.resource, principal.ticket_scopes))
        return refuse(std::string(rules::ticket_scope), "This ticket is not good for " +
                                                            std::string(question.permission) + " on " +
                                                            question.resource.text() + ": get one that is.");
    return std::nullopt;
}

bool is_mending(const Question& question) {
    return question.principal.rights && question.principal.rights->is_owner() &&
           type_of(question.permission) == "policy";
}

std::optional<Decision> judge_policies(const Question& question) {
    const PolicySet* set = find_policies(question);
    if (set == nullptr || is_mending(question)) return std::nullopt;
    // A tenant's policies are about the tenant: they do not bind who of its people run the installation in
    // that.
    if (is_allowed_by_platform(question)) return std::nullopt;
    if (!set->unreadable.empty())
        return refuse("policies", "The policy \"" + set->unreadable.front() +
                                      "\" cannot be read, so nothing is allowed until it is mended.");
    for (const Policy& policy : set->policies)
        if (policy.effect == PolicyEffect::deny && applies(policy, question.principal, question.permission,
                                                           question.resource, question.circumstances))
            return refuse("policy:" + policy.id.text(), "The policy \"" + policy.name + "\" forbids it.");
    return std::nullopt;
}

std::optional<Decision> find_role(const Question& question) {
    const Rights& rights = *question.principal.rights;
    const auto find_in = [&](const std::vector<Role>& roles,
                             std::string_view where) -> std::optional<Decision> {
        const auto found =
            std::ranges::find_if(roles, [&](const Role& role) { return role.allows(question.permission); });
        if (found == roles.end()) return std::nullopt;
        return allow(question, {"role:", found->name}, {"The role ", found->name, " allows it", where});
    };
    if (auto decision = find_in(rights.roles, ".")) return decision;
    const std::vector<Role>* app_roles = rights.find_app_roles(app_of(question.resource));
    return app_roles == nullptr ? std::nullopt : find_in(*app_roles, " in this app.");
}

std::optional<Decision> find_allowing_policy(const Question& question) {
    const Rights& rights = *question.principal.rights;
    if (!rights.policies) return std::nullopt;
    for (const Policy& policy : rights.policies->policies)
        if (policy.effect == PolicyEffect::allow && applies(policy, question.principal, question.permission,
                                                            question.resource, question.circumstances))
            return allow(question, {"policy:", policy.id.text()},
                         {"The policy \"", policy.name, "\" allows it."});
    return std::nullopt;
}

std::optional<Decision> find_allowance(const Question& question) {
    if (is_allowed_by_platform(question))
        return allow(question, {"platform"}, {"Who runs this installation may."});
    if (is_ones_own(question)) return allow(question, {"own"}, {"It is one's own."});
    if (is_public_matter(question)) return allow(question, {"public"}, {"It is public."});
    if (question.principal.is_anonymous() || !question.principal.rights) return std::nullopt;
    if (auto decision = find_role(question)) return decision;
    return find_allowing_policy(question);
}

Decision decide_of_itself(const Question& question) {
    if (auto decision = judge_wall(question)) return *std::move(decision);
    if (auto decision = judge_tenant(question)) return *std::move(decision);
    if (auto decision = judge_limits(question)) return *std::move(decision);
    if (auto decision = judge_policies(question)) return *std::move(decision);
    if (auto decision = find_allowance(question)) return *std::move(decision);
    if (question.principal.is_anonymous()) return refuse("anonymous", "Sign in, or send a key.");
    return refuse("default", "Nothing allows " + std::string(question.permission) + " on " +
                                 question.resource.text() + ".");
}

bool allows_inside_of_itself(const Question& question) {
    if (const auto decision = judge_wall(question)) return decision->is_allowed || is_public_matter(question);
    const auto& [principal, permission, all, circumstances, words] = question;
    if (judge_tenant(question) || principal.must_change_password || principal.must_add_second_factor)
        return false;
    for (const Scopes* scopes : {&principal.scopes, &principal.app_scopes, &principal.ticket_scopes})
        if (!is_public_matter(question) && !may_reach_into(permission, all, *scopes)) return false;
    const PolicySet* set = find_policies(question);
    if (set != nullptr &&
        (!set->unreadable.empty() || std::ranges::any_of(set->policies, [&](const Policy& policy) {
            return denies_all(policy, question.principal, question.permission, question.resource,
                              question.circumstances);
        })))
        return false;
    if (find_allowance(question)) return true;
    return set != nullptr && std::ranges::any_of(set->policies, [&](const Policy& policy) {
               return may_allow_some(policy, question.principal, question.permission, question.resource);
           });
}

// What the permission is contained in; empty: nothing.
std::string_view wider_than(std::string_view permission) {
    const Permission* known = find_permission(permission);
    return known == nullptr ? std::string_view() : known->contained_in;
}

}  // namespace

std::optional<Decision> find_address_refusal(const Principal& principal, const Circumstances& circumstances) {
    if (!principal.rights || !principal.rights->policies) return std::nullopt;
    return judge_address(*principal.rights->policies, circumstances);
}

bool may_allow_inside(const Principal& principal, std::string_view permission, const Resource& all,
                      const Circumstances& circumstances) {
    const auto may = [&](std::string_view one) {
        return allows_inside_of_itself({principal, one, all, circumstances, Words::for_refusals});
    };
    const std::string_view wider = wider_than(permission);
    return may(permission) || (!wider.empty() && may(wider));
}

// Of a stranger to the tenant its rules for everybody count, of its own people their tenant's: where either
// tells some apart, each has to be asked about.
bool allows_all_inside(const Principal& principal, std::string_view permission, const Resource& all,
                       const Circumstances& circumstances) {
    const std::string_view wider = wider_than(permission);
    const auto tells_apart = [&](const PolicySet* set) {
        return set != nullptr && std::ranges::any_of(set->policies, [&](const Policy& policy) {
                   return may_tell_apart(policy, permission, all) ||
                          (!wider.empty() && may_tell_apart(policy, wider, all));
               });
    };
    if (tells_apart(circumstances.house_rules.get())) return false;
    if (principal.rights && tells_apart(principal.rights->policies.get())) return false;
    return decide(principal, permission, all, circumstances, Words::for_refusals).is_allowed;
}

Decision decide(const Principal& principal, std::string_view permission, const Resource& resource,
                const Circumstances& circumstances, Words words) {
    const Permission* known = find_permission(permission);
    if (known == nullptr) return refuse("catalogue", "There is no such permission.");
    Decision decision = decide_of_itself({principal, permission, resource, circumstances, words});
    if (decision.is_allowed || known->contained_in.empty()) return decision;
    Decision wider = decide_of_itself({principal, known->contained_in, resource, circumstances, words});
    return wider.is_allowed ? wider : decision;
}

}  // namespace lodestone::identity
