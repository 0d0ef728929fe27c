// Comparing what is given with what the giver has: roles with roles, scopes with scopes, keys with the key
// that was shown.
#include "identity/giving.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "http/message/client_network.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/held_roles.hpp"
#include "identity/rules/rights.hpp"
#include "identity/rules/roles.hpp"

namespace lodestone::identity {

void refuse_more_than_own(std::string_view what) {
    throw Problem(problems::forbidden, "That allows more than you may do yourself: " + std::string(what));
}

void check_is_within_scopes(const Principal& giver, const std::vector<std::string>& permissions) {
    const Scopes given({{.actions = permissions, .resources = {}, .tags = {}}});
    if (!permissions.empty() && !are_scopes_within(given, giver.scopes))
        refuse_more_than_own("the key that you showed is good for less.");
}

void check_may_give(const Principal& giver, const std::optional<AppId>& app, const Role& role) {
    if (!role.permissions.empty() && (!giver.rights || !has_all_of(*giver.rights, app, role)))
        refuse_more_than_own("ask somebody who has all of it.");
    check_is_within_scopes(giver, role.permissions);
}

void check_may_give_role(db::Tx& tx, const Principal& giver, const TenantId& tenant,
                         const std::optional<AppId>& app, const RoleId& id) {
    // One that is not there gives nothing; the noun says so.
    if (const auto role = find_given_role(tx, tenant, id)) check_may_give(giver, app, *role);
}

void check_may_give_key(const Principal& giver, const GivenKey& given) {
    if (!are_scopes_within(given.scopes, giver.scopes))
        refuse_more_than_own(
            "a key makes no key that is good for more than itself; name scopes within its own.");
    if (!giver.key) return;
    const KeyTerms& own = giver.key_terms;
    const auto is_inside = [&](const std::string& network) {
        const auto inner = http::parse_network(network);
        return !inner || std::ranges::any_of(own.networks, [&](const std::string& outer) {
            return http::is_within(*inner, *http::parse_network(outer));
        });
    };
    if (!own.networks.empty() && (given.networks.empty() || !std::ranges::all_of(given.networks, is_inside)))
        refuse_more_than_own(
            "the key that you showed is good from fewer networks; name some within its own.");
    if (given.expires_at && *given.expires_at > own.expires_at)
        refuse_more_than_own("the key that you showed ends earlier; name an end that is not behind its own.");
    if (own.is_for_tests && given.environment != KeyEnvironment::test)
        refuse_more_than_own("the key that you showed is a test's.");
}

}  // namespace lodestone::identity
