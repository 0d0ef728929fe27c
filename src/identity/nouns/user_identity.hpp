// User identities: as whom other providers know a user. One of a provider's people is one user of a tenant.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

struct UserIdentity : db::Noun {
    UserIdentityId id;  // made by make_id()
    UserId user_id;
    std::string provider;     // "oidc:PROVIDER-ID", "google", "ldap": whoever signs people in knows its own
    std::string provider_id;  // the provider's name for the person, which never changes: an OIDC subject
    std::optional<std::string> email;     // as the provider says
    std::optional<std::string> username;  // likewise
    bool is_verified = false;             // the provider says that the e-mail address is the person's
    std::string metadata = "{}";

    bool operator==(const UserIdentity&) const = default;
};
BOOST_DESCRIBE_STRUCT(UserIdentity, (db::Noun),
                      (id, user_id, provider, provider_id, email, username, is_verified, metadata))

std::optional<UserIdentity> find_user_identity(db::Tx& tx, const TenantId& tenant, const UserIdentityId& id);
std::optional<UserIdentity> find_user_identity_by_provider(db::Tx& tx, const TenantId& tenant,
                                                           std::string_view provider,
                                                           std::string_view provider_id);
// Filters: provider. Sorts: created_at, -created_at.
db::Page<UserIdentity> list_user_identities(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                            const db::ListRequest& request);
// Of all users: whom a provider knows, and who somebody is whom it knows. Filters: provider, provider_id.
// Sort: id, which is the order in which they were noted.
db::Page<UserIdentity> list_known_people(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);

// These answer with what is stored now, and refuse with a Problem as a tenant's do. Whose it is and as whom
// the provider knows the person never change.
UserIdentity insert_user_identity(db::Tx& tx, const TenantId& tenant, UserIdentity identity);
UserIdentity update_user_identity(db::Tx& tx, const TenantId& tenant, UserIdentity identity);
UserIdentity delete_user_identity(db::Tx& tx, const TenantId& tenant, UserIdentity identity);
UserIdentity restore_user_identity(db::Tx& tx, const TenantId& tenant, const UserIdentityId& id);

}  // namespace lodestone::identity
