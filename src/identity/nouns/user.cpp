// Users in the database: every statement first, then a function for each verb.
#include "identity/nouns/user.hpp"

#include "base/ensure.hpp"
#include "base/fold_case.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/addresses.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/quota.hpp"
#include "identity/nouns/session.hpp"
#include "identity/nouns/tenant_owner.hpp"

namespace lodestone::identity {

using db::Tx;

struct UserFilters {
    std::optional<UserStatus> status;
    std::optional<db::Prefix> username;
    std::optional<db::Prefix> email;  // folded as one, but compared as a whole
    std::optional<db::Substring> search;
};
BOOST_DESCRIBE_STRUCT(UserFilters, (), (status, username, email, search))

namespace {

const db::Query<User, TenantId, UserId> find_by_id{
    "user.find",
    "SELECT id, username, email, full_name, status, email_verified_at, phone_number, phone_verified_at, "
    "       metadata, version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM users WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"};

// Not what is being purged: its id is spent already.
const db::Query<User, TenantId, UserId> find_deleted{
    "user.find_deleted",
    "SELECT id, username, email, full_name, status, email_verified_at, phone_number, phone_verified_at, "
    "       metadata, version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM users WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM spent_ids WHERE kind = 'user' AND spent_ids.id = $1 || '/' || $2)"};

const db::Query<User, TenantId, std::string> find_by_username{
    "user.find_by_username",
    "SELECT id, username, email, full_name, status, email_verified_at, phone_number, phone_verified_at, "
    "       metadata, version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM users WHERE tenant_id = $1 AND username_folded = $2 AND deleted_at IS NULL"};

const db::Query<User, TenantId, std::string> find_by_email{
    "user.find_by_email",
    "SELECT id, username, email, full_name, status, email_verified_at, phone_number, phone_verified_at, "
    "       metadata, version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM users WHERE tenant_id = $1 AND email_folded = $2 AND deleted_at IS NULL"};

const db::ListQuery<User, UserFilters, std::string, TenantId> list_by_username{
    "user.list_by_username",
    "SELECT id, username, email, full_name, status, email_verified_at, phone_number, phone_verified_at, "
    "       metadata, version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM users "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR status = $2) "
    "  AND ($4 IS NULL OR email_folded = $4) "
    "  AND ($5 IS NULL OR username_folded LIKE $5 ESCAPE '!' OR email_folded LIKE $5 ESCAPE '!' "
    "       OR full_name_folded LIKE $5 ESCAPE '!') "
    "  AND (username_folded, id) > (CASE WHEN $6 = '' THEN coalesce($3, '') ELSE $6 END, $7) "
    "  AND username_folded < coalesce($3, '') || '\U0010FFFF' "
    "ORDER BY username_folded, id LIMIT $8"};

const db::ListQuery<User, UserFilters, Time, TenantId> list_oldest_first{
    "user.list_oldest_first",
    "SELECT id, username, email, full_name, status, email_verified_at, phone_number, phone_verified_at, "
    "       metadata, version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM users "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR status = $2) "
    "  AND ($3 IS NULL OR substr(username_folded, 1, length($3)) = $3) "
    "  AND ($4 IS NULL OR email_folded = $4) "
    "  AND ($5 IS NULL OR username_folded LIKE $5 ESCAPE '!' OR email_folded LIKE $5 ESCAPE '!' "
    "       OR full_name_folded LIKE $5 ESCAPE '!') "
    "  AND (created_at, id) > ($6, $7) "
    "ORDER BY created_at, id LIMIT $8"};

const db::ListQuery<User, UserFilters, Time, TenantId> list_newest_first{
    "user.list_newest_first",
    "SELECT id, username, email, full_name, status, email_verified_at, phone_number, phone_verified_at, "
    "       metadata, version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM users "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR status = $2) "
    "  AND ($3 IS NULL OR substr(username_folded, 1, length($3)) = $3) "
    "  AND ($4 IS NULL OR email_folded = $4) "
    "  AND ($5 IS NULL OR username_folded LIKE $5 ESCAPE '!' OR email_folded LIKE $5 ESCAPE '!' "
    "       OR full_name_folded LIKE $5 ESCAPE '!') "
    "  AND (created_at, id) < ($6, $7) "
    "ORDER BY created_at DESC, id DESC LIMIT $8"};

// Touches nothing when somebody has the username or the address, or the one as the other.
const db::Command<TenantId, UserId, std::string, std::string, std::optional<std::string>,
                  std::optional<std::string>, std::string, std::string, UserStatus, std::optional<Time>,
                  std::optional<std::string>, std::optional<Time>, std::string, Time, std::string>
    insert{"user.insert",
           "INSERT INTO users (tenant_id, id, username, username_folded, email, email_folded, full_name, "
           "                   full_name_folded, status, email_verified_at, phone_number, "
           "                   phone_verified_at, metadata, "
           "                   version, created_at, created_by, updated_at, updated_by) "
           "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $14, $15 "
           "WHERE NOT EXISTS (SELECT 1 FROM spent_ids "
           "                  WHERE kind = 'user' AND spent_ids.id = $1 || '/' || $2) "
           "  AND NOT EXISTS (SELECT 1 FROM users AS other "
           "                  WHERE other.tenant_id = $1 AND other.deleted_at IS NULL "
           "                    AND other.email_folded = $4) "
           "  AND NOT EXISTS (SELECT 1 FROM users AS other "
           "                  WHERE other.tenant_id = $1 AND other.deleted_at IS NULL "
           "                    AND other.username_folded = $6) "
           "ON CONFLICT DO NOTHING"};

const db::Command<TenantId, UserId, db::Version, std::string, std::string, std::optional<std::string>,
                  std::optional<std::string>, std::string, std::string, UserStatus, std::optional<Time>,
                  std::optional<std::string>, std::optional<Time>, std::string, Time, std::string>
    update{"user.update",
           "UPDATE users SET username = $4, username_folded = $5, email = $6, email_folded = $7, "
           "                 full_name = $8, full_name_folded = $9, status = $10, email_verified_at = $11, "
           "                 phone_number = $12, phone_verified_at = $13, metadata = $14, "
           "                 version = version + 1, updated_at = $15, updated_by = $16 "
           "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL "
           "  AND NOT EXISTS (SELECT 1 FROM users AS other "
           "                  WHERE other.tenant_id = $1 AND other.deleted_at IS NULL AND other.id <> $2 "
           "                    AND other.username_folded IN ($5, $7)) "
           "  AND NOT EXISTS (SELECT 1 FROM users AS other "
           "                  WHERE other.tenant_id = $1 AND other.deleted_at IS NULL AND other.id <> $2 "
           "                    AND other.email_folded IN ($5, $7))"};

const db::Command<TenantId, UserId, db::Version, Time, std::string> mark_deleted{
    "user.delete",
    "UPDATE users SET deleted_at = $4, deleted_by = $5, "
    "                 version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, UserId, std::string, std::optional<std::string>, Time, std::string> mark_restored{
    "user.restore",
    "UPDATE users SET deleted_at = NULL, deleted_by = NULL, "
    "                 version = version + 1, updated_at = $5, updated_by = $6 "
    "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM users AS other "
    "                  WHERE other.tenant_id = $1 AND other.deleted_at IS NULL "
    "                    AND other.username_folded IN ($3, $4)) "
    "  AND NOT EXISTS (SELECT 1 FROM users AS other "
    "                  WHERE other.tenant_id = $1 AND other.deleted_at IS NULL "
    "                    AND other.email_folded IN ($3, $4))"};

constexpr std::string_view kind = "user";

constexpr std::tuple sorts{
    db::Sort{"username", list_by_username, [](const User& user) { return fold_case(user.username); }},
    db::Sort{"created_at", list_oldest_first, &User::created_at},
    db::Sort{"-created_at", list_newest_first, &User::created_at},
};

std::optional<std::string> fold_email(const User& user) {
    return user.email ? std::optional(fold_case(*user.email)) : std::nullopt;
}

// Whoever stands in the way of a user with these names, in words.
[[noreturn]] void refuse_taken(Tx& tx, const TenantId& tenant, const User& user) {
    const auto is_other = [&](const std::optional<User>& found) { return found && found->id != user.id; };
    if (is_other(find_user_by_username(tx, tenant, user.username)) ||
        is_other(find_user_by_email(tx, tenant, user.username)))
        db::refuse_taken_name(kind, user.username);
    if (user.email && (is_other(find_user_by_email(tx, tenant, *user.email)) ||
                       is_other(find_user_by_username(tx, tenant, *user.email))))
        throw Problem(problems::conflict, "There is a user with the e-mail address " + *user.email +
                                              " already; choose another address.");
    db::refuse_taken_id(kind, user.id.text());
}

void check_may_go(Tx& tx, const TenantId& tenant, const UserId& id) {
    if (is_tenant_owner(tx, tenant, id))
        throw Problem(problems::conflict,
                      "The user " + id.text() + " owns the tenant: make somebody else its owner first.");
    if (find_platform_admin(tx, tenant, id))
        throw Problem(problems::conflict,
                      "The user " + id.text() + " is a platform administrator: take that right away first.");
}

void record(Tx& tx, const char* action, const TenantId& tenant, const User& before, const User& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

User set_status(Tx& tx, const TenantId& tenant, const UserId& id, UserStatus status) {
    std::optional<User> user = find_user(tx, tenant, id);
    if (!user) db::refuse_absent(kind, id.text());
    if (user->status == status) return *std::move(user);
    user->status = status;
    return update_user(tx, tenant, *std::move(user));
}

}  // namespace

void check_user(const User& user, std::string_view path) {
    ensure(!user.id.is_empty(), "a user has an id");
    const auto at = [path](std::string_view field) { return std::string(path).append(field); };
    check_username(at("username"), user.username);
    if (user.email) check_email(at("email"), *user.email);
    if (!user.full_name.empty()) db::check_name(kind, user.full_name, at("full_name"));
    if (user.phone_number) check_phone(at("phone_number"), *user.phone_number);
    db::check_metadata(user.metadata);
}

std::optional<User> find_user(Tx& tx, const TenantId& tenant, const UserId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<User> find_user_by_username(Tx& tx, const TenantId& tenant, std::string_view username) {
    return tx.maybe(find_by_username, tenant, fold_case(username));
}

std::optional<User> find_user_by_email(Tx& tx, const TenantId& tenant, std::string_view email) {
    return tx.maybe(find_by_email, tenant, fold_case(email));
}

db::Page<User> list_users(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<UserFilters>(tx, request, sorts, tenant);
}

User insert_user(Tx& tx, const TenantId& tenant, User user) {
    check_user(user);
    check_room_for_user(tx, tenant);
    db::stamp_new(tx, user);
    const std::int64_t inserted =
        tx.run(insert, tenant, user.id, user.username, fold_case(user.username), user.email, fold_email(user),
               user.full_name, fold_case(user.full_name), user.status, user.email_verified_at,
               user.phone_number, user.phone_verified_at, user.metadata, user.created_at, user.created_by);
    if (inserted == 0) refuse_taken(tx, tenant, user);
    record(tx, "user.create", tenant, {}, user);
    return user;
}

User update_user(Tx& tx, const TenantId& tenant, User user) {
    check_user(user);
    const User before = db::expect_version(find_user(tx, tenant, user.id), user, kind);
    if (before.status == UserStatus::active && user.status != before.status)
        check_may_go(tx, tenant, user.id);
    if (fold_email(user) != fold_email(before) && user.email_verified_at == before.email_verified_at)
        user.email_verified_at.reset();
    if (user.phone_number != before.phone_number && user.phone_verified_at == before.phone_verified_at)
        user.phone_verified_at.reset();
    db::stamp_changed(tx, user, before);
    const std::int64_t updated = tx.run(
        update, tenant, user.id, before.version, user.username, fold_case(user.username), user.email,
        fold_email(user), user.full_name, fold_case(user.full_name), user.status, user.email_verified_at,
        user.phone_number, user.phone_verified_at, user.metadata, user.updated_at, user.updated_by);
    if (updated == 0) refuse_taken(tx, tenant, user);
    record(tx, "user.update", tenant, before, user);
    return user;
}

User suspend_user(Tx& tx, const TenantId& tenant, const UserId& id) {
    return set_status(tx, tenant, id, UserStatus::suspended);
}

User activate_user(Tx& tx, const TenantId& tenant, const UserId& id) {
    return set_status(tx, tenant, id, UserStatus::active);
}

User delete_user(Tx& tx, const TenantId& tenant, User user) {
    const User before = db::expect_version(find_user(tx, tenant, user.id), user, kind);
    check_may_go(tx, tenant, user.id);
    user = before;
    db::stamp_deleted(tx, user);
    const std::int64_t deleted =
        tx.run(mark_deleted, tenant, user.id, before.version, user.updated_at, user.updated_by);
    if (deleted == 0) db::refuse_outdated(kind, user.id.text());
    // A restored user signs in anew.
    revoke_sessions_of_user(tx, tenant, user.id, "the user was deleted");
    record(tx, "user.delete", tenant, before, user);
    return user;
}

User restore_user(Tx& tx, const TenantId& tenant, const UserId& id) {
    const std::optional<User> before = tx.maybe(find_deleted, tenant, id);
    if (!before) db::refuse_absent("deleted user", id.text());
    check_room_for_user(tx, tenant);
    User user = *before;
    db::stamp_restored(tx, user);
    const std::int64_t restored = tx.run(mark_restored, tenant, id, fold_case(user.username),
                                         fold_email(user), user.updated_at, user.updated_by);
    if (restored == 0) db::refuse_taken_meanwhile(kind, user.username);
    record(tx, "user.restore", tenant, *before, user);
    return user;
}

}  // namespace lodestone::identity
