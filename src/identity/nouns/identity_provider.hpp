// Identity providers: whom a tenant lets its people sign in with (OpenID Connect), and what it believes of
// what they say.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "db/secret.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

// Who may come in: whose account was linked before, or everybody that the provider knows.
enum class ProviderRegistration : std::uint8_t { linked_only, everybody };
BOOST_DESCRIBE_ENUM(ProviderRegistration, linked_only, everybody)

enum class ProviderStatus : std::uint8_t { active, disabled };
BOOST_DESCRIBE_ENUM(ProviderStatus, active, disabled)

struct IdentityProvider {
    ProviderId id;
    std::string name;
    std::string issuer;
    std::string client_id;
    std::optional<db::Secret<std::string>> client_secret;  // sealed; absent for a public client
    std::string scopes = "openid profile email";           // asked for, with spaces between them
    std::optional<std::string> group_claim;                // where tokens list a person's groups
    std::string group_roles = "{}";  // JSON, read by parse_group_roles(): what each group gives
    ProviderRegistration registration = ProviderRegistration::linked_only;
    // Whether somebody who comes for the first time is the user with the same address: only when the provider
    // has verified it, and its domain is the tenant's.
    bool links_by_email = false;
    ProviderStatus status = ProviderStatus::active;
    db::Version version = 0;
    Time created_at{};
    std::string created_by;
    Time updated_at{};
    std::string updated_by;

    bool operator==(const IdentityProvider&) const = default;
};
BOOST_DESCRIBE_STRUCT(IdentityProvider, (),
                      (id, name, issuer, client_id, client_secret, scopes, group_claim, group_roles,
                       registration, links_by_email, status, version, created_at, created_by, updated_at,
                       updated_by))

// What a group of the provider's gives here.
struct GroupRoles {
    std::string group;
    std::vector<RoleId> roles;
    bool operator==(const GroupRoles&) const = default;
};
// {"platform-team": ["admin"], "everyone": ["viewer"]}; nothing for everything else.
std::optional<std::vector<GroupRoles>> parse_group_roles(std::string_view json);

std::optional<IdentityProvider> find_provider(db::Tx& tx, const TenantId& tenant, const ProviderId& id);
// Filters: status, name (what it begins with). Sorts: -created_at, created_at.
db::Page<IdentityProvider> list_providers(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);

// These answer with what is stored now, and refuse with a Problem: invalid_input that names the field,
// conflict for a name that is taken, not_found, or precondition_failed when the version is no longer the
// newest.
IdentityProvider insert_provider(db::Tx& tx, const TenantId& tenant, IdentityProvider provider);
IdentityProvider update_provider(db::Tx& tx, const TenantId& tenant, IdentityProvider provider);
// For good. Accounts that were linked stay, and sign in another way; sign-ins under way come to nothing.
void delete_provider(db::Tx& tx, const TenantId& tenant, const IdentityProvider& provider);

// Where a provider that is in use finds people by their e-mail address, an address is a way in: refuses one
// that somebody chose, since it may be that of a colleague who has yet to come.
void check_may_choose_email(db::Tx& tx, const TenantId& tenant);

}  // namespace lodestone::identity
