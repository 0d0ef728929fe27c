// In this order: the link, the address, a new user. Each is decided inside one transaction.
#include "identity/federation/provider_account.hpp"

#include <algorithm>
#include <set>

#include "base/fold_case.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/user_identity.hpp"
#include "identity/nouns/user_role.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

// As user_identities call it.
std::string link_name(const IdentityProvider& provider) {
    return "oidc:" + provider.id.text();
}

// An address that the provider has verified; others are hearsay.
std::optional<std::string> verified_email(const Claims& claims) {
    auto email = claims.text("email");
    return email && claims.is_true("email_verified") ? email : std::nullopt;
}

bool is_of_domain(const std::string& email, const std::optional<std::string>& domain) {
    const auto at = email.rfind('@');
    return domain && at != email.npos && fold_case(email.substr(at + 1)) == *domain;
}

std::string offered_username(const Claims& claims) {
    if (auto name = claims.text("preferred_username")) return *name;
    const auto email = claims.text("email");
    return email ? email->substr(0, email->find('@')) : "user";
}

std::string free_username(Tx& tx, const TenantId& tenant, const std::string& offered) {
    const std::string wanted = make_username(offered);
    std::string name = wanted;
    for (int number = 2; number <= limits::username_attempts; ++number) {
        if (!find_user_by_username(tx, tenant, name) && !find_user_by_email(tx, tenant, name)) return name;
        name = wanted + "-" + std::to_string(number);
    }
    throw Problem(problems::conflict, "The username " + wanted +
                                          " and its neighbours are taken; ask an "
                                          "administrator for an account that is linked to the provider.");
}

void link(Tx& tx, const TenantId& tenant, const IdentityProvider& provider, const UserId& user,
          const Claims& claims, Context& context) {
    UserIdentity identity;
    identity.id = make_id<UserIdentityId>(context.clock, context.random);
    identity.user_id = user;
    identity.provider = link_name(provider);
    identity.provider_id = claims.subject();
    identity.email = claims.text("email");
    identity.username = claims.text("preferred_username");
    identity.is_verified = claims.is_true("email_verified");
    insert_user_identity(tx, tenant, std::move(identity));
}

User make_user(Tx& tx, const TenantId& tenant, const Claims& claims, const std::optional<std::string>& email,
               Context& context) {
    User user;
    user.id = make_id<UserId>(context.clock, context.random);
    user.username = free_username(tx, tenant, offered_username(claims));
    user.email = email;
    if (email) user.email_verified_at = tx.now();
    user.full_name = claims.text("name").value_or(std::string());
    return insert_user(tx, tenant, std::move(user));
}

// Who has no link yet.
User admit_newcomer(Tx& tx, const Tenant& tenant, const IdentityProvider& provider, const Claims& claims,
                    Context& context) {
    const auto email = verified_email(claims);
    const auto same = email ? find_user_by_email(tx, tenant.id, *email) : std::nullopt;
    std::optional<User> user;
    if (same && provider.links_by_email && is_of_domain(*email, tenant.domain))
        user = same;
    else if (provider.registration == ProviderRegistration::linked_only)
        throw Problem(problems::forbidden, "No account here is linked to this one of " + provider.name +
                                               "; ask an administrator to link yours.");
    else if (same)
        throw Problem(problems::conflict,
                      "Another account here has your e-mail address; ask an administrator to "
                      "link it to this one of " +
                          provider.name + ".");
    else
        user = make_user(tx, tenant.id, claims, email, context);
    link(tx, tenant.id, provider, user->id, claims, context);
    return *user;
}

// The roles of all groups together, or only those of `groups`.
std::set<RoleId> mapped_roles(const IdentityProvider& provider, const std::vector<std::string>* groups) {
    std::set<RoleId> roles;
    for (const GroupRoles& group :
         parse_group_roles(provider.group_roles).value_or(std::vector<GroupRoles>()))
        if (groups == nullptr || std::ranges::count(*groups, group.group) > 0)
            roles.insert(group.roles.begin(), group.roles.end());
    return roles;
}

// The tenant's owner chooses its providers, and would be whomever these name. Of who administers the
// installation, one of those has to have made the link.
void check_may_be_admitted(Tx& tx, const TenantId& tenant, const User& user,
                           const std::optional<UserIdentity>& linked) {
    if (!find_platform_admin(tx, tenant, user.id)) return;
    if (linked && find_platform_admin(tx, tenant, UserId::trusted(linked->created_by))) return;
    throw Problem(problems::forbidden,
                  "Who administers the installation signs in with a provider only by a link that a platform "
                  "administrator has made.");
}

}  // namespace

User admit_provider_account(Tx& tx, const TenantId& tenant_id, const IdentityProvider& provider,
                            const Claims& claims, Context& context) {
    const auto tenant = find_tenant(tx, tenant_id);
    if (!tenant) db::refuse_absent("tenant", tenant_id.text());
    if (tenant->status != TenantStatus::active)
        throw Problem(problems::forbidden, "The tenant " + tenant->name + " is suspended.");
    const auto linked = find_user_identity_by_provider(tx, tenant_id, link_name(provider), claims.subject());
    const auto user = linked ? find_user(tx, tenant_id, linked->user_id)
                             : admit_newcomer(tx, *tenant, provider, claims, context);
    if (!user || user->status != UserStatus::active)
        throw Problem(problems::forbidden, "Your account here is suspended; ask an administrator.");
    check_may_be_admitted(tx, tenant_id, *user, linked);
    if (provider.group_claim)
        replace_provider_roles(tx, tenant_id, provider, user->id, claims.texts(*provider.group_claim));
    return *user;
}

void replace_provider_roles(Tx& tx, const TenantId& tenant, const IdentityProvider& provider,
                            const UserId& user, const std::vector<std::string>& groups) {
    const std::set<RoleId> managed = mapped_roles(provider, nullptr);
    const std::set<RoleId> wanted = mapped_roles(provider, &groups);
    std::set<RoleId> held;
    for (const UserRole& role : list_user_roles(tx, tenant, user)) {
        held.insert(role.role);
        const bool is_managed = managed.contains(role.role) || role.granted_by == provider.id.text();
        if (is_managed && !wanted.contains(role.role)) revoke_role(tx, tenant, user, role.role);
    }
    for (const RoleId& role : wanted)
        if (!held.contains(role)) grant_role(tx, tenant, user, role);
}

std::string make_username(std::string_view offered) {
    std::string name;
    for (const char c : offered.substr(0, 48)) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              c == '_' || c == '-' || c == '.' || c == '@';
        if (is_plain) name += c;
    }
    while (name.size() < 3) name += name.empty() ? "user" : "_";
    return name;
}

}  // namespace lodestone::identity
