// User identities in the database: every statement first, then a function for each verb.
#include "identity/nouns/user_identity.hpp"

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::identity {

using db::Tx;

struct UserIdentityFilters {
    std::optional<std::string> provider;
};
BOOST_DESCRIBE_STRUCT(UserIdentityFilters, (), (provider))

struct KnownAsFilters {
    std::optional<std::string> provider;
    std::optional<std::string> provider_id;
};
BOOST_DESCRIBE_STRUCT(KnownAsFilters, (), (provider, provider_id))

namespace {

const db::Query<UserIdentity, TenantId, UserIdentityId> find_by_id{
    "user_identity.find",
    "SELECT id, user_id, provider, provider_id, email, username, is_verified, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM user_identities WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"};

const db::Query<UserIdentity, TenantId, UserIdentityId> find_deleted{
    "user_identity.find_deleted",
    "SELECT id, user_id, provider, provider_id, email, username, is_verified, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM user_identities WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL"};

const db::Query<UserIdentity, TenantId, std::string_view, std::string_view> find_by_provider{
    "user_identity.find_by_provider",
    "SELECT id, user_id, provider, provider_id, email, username, is_verified, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM user_identities "
    "WHERE tenant_id = $1 AND provider = $2 AND provider_id = $3 AND deleted_at IS NULL"};

const db::ListQuery<UserIdentity, UserIdentityFilters, Time, TenantId, UserId> list_oldest_first{
    "user_identity.list_oldest_first",
    "SELECT id, user_id, provider, provider_id, email, username, is_verified, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM user_identities "
    "WHERE tenant_id = $1 AND user_id = $2 AND deleted_at IS NULL AND ($3 IS NULL OR provider = $3) "
    "  AND (created_at, id) > ($4, $5) "
    "ORDER BY created_at, id LIMIT $6"};

const db::ListQuery<UserIdentity, UserIdentityFilters, Time, TenantId, UserId> list_newest_first{
    "user_identity.list_newest_first",
    "SELECT id, user_id, provider, provider_id, email, username, is_verified, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM user_identities "
    "WHERE tenant_id = $1 AND user_id = $2 AND deleted_at IS NULL AND ($3 IS NULL OR provider = $3) "
    "  AND (created_at, id) < ($4, $5) "
    "ORDER BY created_at DESC, id DESC LIMIT $6"};

// Of all users.
const db::ListQuery<UserIdentity, KnownAsFilters, std::string, TenantId> list_by_id{
    "user_identity.list_by_id",
    "SELECT id, user_id, provider, provider_id, email, username, is_verified, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM user_identities "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR provider = $2) "
    "  AND ($3 IS NULL OR provider_id = $3) AND (id, id) > ($4, $5) "
    "ORDER BY id LIMIT $6"};

const db::Command<TenantId, UserIdentityId, UserId, std::string, std::string, std::optional<std::string>,
                  std::optional<std::string>, bool, std::string, Time, std::string>
    insert{"user_identity.insert",
           "INSERT INTO user_identities (tenant_id, id, user_id, provider, provider_id, email, username, "
           "                             is_verified, metadata, "
           "                             version, created_at, created_by, updated_at, updated_by) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $10, $11) ON CONFLICT DO NOTHING"};

const db::Command<TenantId, UserIdentityId, db::Version, std::optional<std::string>,
                  std::optional<std::string>, bool, std::string, Time, std::string>
    update{"user_identity.update",
           "UPDATE user_identities SET email = $4, username = $5, is_verified = $6, metadata = $7, "
           "                           version = version + 1, updated_at = $8, updated_by = $9 "
           "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, UserIdentityId, db::Version, Time, std::string> mark_deleted{
    "user_identity.delete",
    "UPDATE user_identities SET deleted_at = $4, deleted_by = $5, "
    "                           version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, UserIdentityId, std::string, std::string, Time, std::string> mark_restored{
    "user_identity.restore",
    "UPDATE user_identities SET deleted_at = NULL, deleted_by = NULL, "
    "                           version = version + 1, updated_at = $5, updated_by = $6 "
    "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM user_identities AS other "
    "                  WHERE other.tenant_id = $1 AND other.provider = $3 AND other.provider_id = $4 "
    "                    AND other.deleted_at IS NULL)"};

constexpr std::string_view kind = "user identity";

constexpr std::tuple sorts{
    db::Sort{"created_at", list_oldest_first, &UserIdentity::created_at},
    db::Sort{"-created_at", list_newest_first, &UserIdentity::created_at},
};

constexpr std::tuple sorts_of_all{
    db::Sort{"id", list_by_id, [](const UserIdentity& one) { return one.id.text(); }},
};

void check_provider_text(const char* field, const std::string& text) {
    if (!text.empty() && text.size() <= limits::identity_text_bytes) return;
    throw field_problem(field, "must have 1 to 255 bytes.");
}
static_assert(limits::identity_text_bytes == 255, "the sentence above says so");

void check_identity(const UserIdentity& identity) {
    ensure(!identity.id.is_empty(), "a user identity has an id");
    check_provider_text("provider", identity.provider);
    check_provider_text("provider_id", identity.provider_id);
    if (identity.email) check_provider_text("email", *identity.email);
    if (identity.username) check_provider_text("username", *identity.username);
    db::check_metadata(identity.metadata);
}

[[noreturn]] void refuse_taken(const UserIdentity& identity) {
    throw Problem(problems::conflict, "There is a user known to " + identity.provider + " as " +
                                          identity.provider_id + " already.");
}

// The subject is the user: that is whom people look for in the log.
void record(Tx& tx, const char* action, const TenantId& tenant, const UserIdentity& before,
            const UserIdentity& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.user_id.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

std::optional<UserIdentity> find_user_identity(Tx& tx, const TenantId& tenant, const UserIdentityId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<UserIdentity> find_user_identity_by_provider(Tx& tx, const TenantId& tenant,
                                                           std::string_view provider,
                                                           std::string_view provider_id) {
    return tx.maybe(find_by_provider, tenant, provider, provider_id);
}

db::Page<UserIdentity> list_user_identities(Tx& tx, const TenantId& tenant, const UserId& user,
                                            const db::ListRequest& request) {
    return db::list_page<UserIdentityFilters>(tx, request, sorts, tenant, user);
}

db::Page<UserIdentity> list_known_people(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<KnownAsFilters>(tx, request, sorts_of_all, tenant);
}

UserIdentity insert_user_identity(Tx& tx, const TenantId& tenant, UserIdentity identity) {
    check_identity(identity);
    if (!find_user(tx, tenant, identity.user_id)) db::refuse_absent("user", identity.user_id.text());
    db::stamp_new(tx, identity);
    const std::int64_t inserted =
        tx.run(insert, tenant, identity.id, identity.user_id, identity.provider, identity.provider_id,
               identity.email, identity.username, identity.is_verified, identity.metadata,
               identity.created_at, identity.created_by);
    if (inserted == 0) refuse_taken(identity);
    record(tx, "user_identity.create", tenant, {}, identity);
    return identity;
}

UserIdentity update_user_identity(Tx& tx, const TenantId& tenant, UserIdentity identity) {
    check_identity(identity);
    const UserIdentity before =
        db::expect_version(find_user_identity(tx, tenant, identity.id), identity, kind);
    identity.user_id = before.user_id;
    identity.provider = before.provider;
    identity.provider_id = before.provider_id;
    db::stamp_changed(tx, identity, before);
    const std::int64_t updated =
        tx.run(update, tenant, identity.id, before.version, identity.email, identity.username,
               identity.is_verified, identity.metadata, identity.updated_at, identity.updated_by);
    if (updated == 0) db::refuse_outdated(kind, identity.id.text());
    record(tx, "user_identity.update", tenant, before, identity);
    return identity;
}

UserIdentity delete_user_identity(Tx& tx, const TenantId& tenant, UserIdentity identity) {
    const UserIdentity before =
        db::expect_version(find_user_identity(tx, tenant, identity.id), identity, kind);
    identity = before;
    db::stamp_deleted(tx, identity);
    const std::int64_t deleted =
        tx.run(mark_deleted, tenant, identity.id, before.version, identity.updated_at, identity.updated_by);
    if (deleted == 0) db::refuse_outdated(kind, identity.id.text());
    record(tx, "user_identity.delete", tenant, before, identity);
    return identity;
}

UserIdentity restore_user_identity(Tx& tx, const TenantId& tenant, const UserIdentityId& id) {
    const std::optional<UserIdentity> before = tx.maybe(find_deleted, tenant, id);
    if (!before || !find_user(tx, tenant, before->user_id))
        db::refuse_absent("deleted user identity", id.text());
    UserIdentity identity = *before;
    db::stamp_restored(tx, identity);
    const std::int64_t restored = tx.run(mark_restored, tenant, id, identity.provider, identity.provider_id,
                                         identity.updated_at, identity.updated_by);
    if (restored == 0) refuse_taken(identity);
    record(tx, "user_identity.restore", tenant, *before, identity);
    return identity;
}

}  // namespace lodestone::identity
