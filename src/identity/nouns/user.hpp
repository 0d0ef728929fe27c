// Users: the people of a tenant. What they sign in with (passwords, second factors) stands apart, in
// credentials.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

// Who fails to sign in too often is not locked but slowed down: credentials tell until when.
enum class UserStatus : std::uint8_t { active, suspended };
BOOST_DESCRIBE_ENUM(UserStatus, active, suspended)

struct User : db::Noun {
    UserId id;             // made by make_id(), or chosen by whoever makes the user
    std::string username;  // letters, digits and _ - . @
    std::optional<std::string> email;
    std::string full_name;  // may be empty
    UserStatus status = UserStatus::active;
    std::optional<Time> email_verified_at;
    std::optional<std::string> phone_number;
    std::optional<Time> phone_verified_at;
    std::string metadata = "{}";  // a JSON object of the client's own

    bool operator==(const User&) const = default;
};
BOOST_DESCRIBE_STRUCT(User, (db::Noun),
                      (id, username, email, full_name, status, email_verified_at, phone_number,
                       phone_verified_at, metadata))

// No two users of a tenant have the same username or e-mail address, case aside, and nobody's username is
// somebody else's address: whichever of the two a person types names one user.
std::optional<User> find_user(db::Tx& tx, const TenantId& tenant, const UserId& id);
std::optional<User> find_user_by_username(db::Tx& tx, const TenantId& tenant, std::string_view username);
std::optional<User> find_user_by_email(db::Tx& tx, const TenantId& tenant, std::string_view email);
// Filters: status, username (what it begins with), email (the whole of it), search (what username, e-mail or
// full name hold). Sorts: username, created_at, -created_at.
db::Page<User> list_users(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);

// What insert_user() and update_user() refuse about the fields alone; `path` stands before their names where
// the user is part of something else: "owner.".
void check_user(const User& user, std::string_view path = {});

// These answer with what is stored now, and refuse with a Problem as a tenant's do. A tenant that is not
// there has no users: not_found. One that has all the users it may have: conflict.
User insert_user(db::Tx& tx, const TenantId& tenant, User user);
// All but the id. A new e-mail address or phone number is one that nobody has verified, unless the caller
// says so with another time.
User update_user(db::Tx& tx, const TenantId& tenant, User user);
// Verbs for update_user(); who has the status already is answered as it is. The tenant's owner and platform
// administrators can neither be suspended nor deleted: conflict.
User suspend_user(db::Tx& tx, const TenantId& tenant, const UserId& id);
User activate_user(db::Tx& tx, const TenantId& tenant, const UserId& id);
User delete_user(db::Tx& tx, const TenantId& tenant, User user);  // can be restored until it is purged
User restore_user(db::Tx& tx, const TenantId& tenant, const UserId& id);

}  // namespace lodestone::identity
