// What goes with a tenant, an app or a user that is purged: a statement for each table, the leaves first.
#include "identity/nouns/purge_steps.hpp"

namespace lodestone::identity {

namespace {

// Of a tenant. What it was promised and what it needs of the bytes that all tenants share: these are
// collected later, when nobody else needs them.
const db::Command<Time, std::int64_t> uploads_of_tenants{"tenants.purge_uploads",
                                                         "DELETE FROM uploads WHERE (tenant_id, id) IN "
                                                         "(SELECT t.tenant_id, t.id FROM uploads AS t "
                                                         " JOIN tenants AS o ON o.id = t.tenant_id"
                                                         " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> blob_leases_of_tenants{
    "tenants.purge_blob_leases",
    "DELETE FROM blob_leases WHERE (tenant_id, scope, blob_id) IN "
    "(SELECT t.tenant_id, t.scope, t.blob_id FROM blob_leases AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> blob_uses_of_tenants{
    "tenants.purge_blob_uses",
    "DELETE FROM blob_uses WHERE (tenant_id, owner, blob_id) IN "
    "(SELECT t.tenant_id, t.owner, t.blob_id FROM blob_uses AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> provider_sign_ins_of_tenants{
    "tenants.purge_provider_sign_ins",
    "DELETE FROM provider_sign_ins WHERE (tenant_id, state_hash) IN "
    "(SELECT t.tenant_id, t.state_hash FROM provider_sign_ins AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> web_logins_of_tenants{
    "tenants.purge_web_logins",
    "DELETE FROM web_logins WHERE (tenant_id, public_id) IN "
    "(SELECT t.tenant_id, t.public_id FROM web_logins AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> identity_providers_of_tenants{
    "tenants.purge_identity_providers",
    "DELETE FROM identity_providers WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM identity_providers AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> trusted_publishers_of_tenants{
    "tenants.purge_trusted_publishers",
    "DELETE FROM trusted_publishers WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM trusted_publishers AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> reset_links_of_tenants{
    "tenants.purge_reset_links",
    "DELETE FROM reset_links WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM reset_links AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> invitations_of_tenants{
    "tenants.purge_invitations",
    "DELETE FROM invitations WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM invitations AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> refresh_tokens_of_tenants{
    "tenants.purge_refresh_tokens",
    "DELETE FROM refresh_tokens WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM refresh_tokens AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> sessions_of_tenants{"tenants.purge_sessions",
                                                          "DELETE FROM sessions WHERE (tenant_id, id) IN "
                                                          "(SELECT t.tenant_id, t.id FROM sessions AS t "
                                                          " JOIN tenants AS o ON o.id = t.tenant_id"
                                                          " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> recovery_codes_of_tenants{
    "tenants.purge_recovery_codes",
    "DELETE FROM recovery_codes WHERE (tenant_id, user_id, code_hash) IN "
    "(SELECT t.tenant_id, t.user_id, t.code_hash FROM recovery_codes AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> user_credentials_of_tenants{
    "tenants.purge_user_credentials",
    "DELETE FROM user_credentials WHERE (tenant_id, user_id) IN "
    "(SELECT t.tenant_id, t.user_id FROM user_credentials AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> keys_of_tenants{"tenants.purge_keys",
                                                      "DELETE FROM keys WHERE (tenant_id, id) IN "
                                                      "(SELECT t.tenant_id, t.id FROM keys AS t "
                                                      " JOIN tenants AS o ON o.id = t.tenant_id"
                                                      " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> policies_of_tenants{"tenants.purge_policies",
                                                          "DELETE FROM policies WHERE (tenant_id, id) IN "
                                                          "(SELECT t.tenant_id, t.id FROM policies AS t "
                                                          " JOIN tenants AS o ON o.id = t.tenant_id"
                                                          " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> user_roles_of_tenants{
    "tenants.purge_user_roles",
    "DELETE FROM user_roles WHERE (tenant_id, user_id, role) IN "
    "(SELECT t.tenant_id, t.user_id, t.role FROM user_roles AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> roles_of_tenants{"tenants.purge_roles",
                                                       "DELETE FROM roles WHERE (tenant_id, id) IN "
                                                       "(SELECT t.tenant_id, t.id FROM roles AS t "
                                                       " JOIN tenants AS o ON o.id = t.tenant_id"
                                                       " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> platform_admins_of_tenants{
    "tenants.purge_platform_admins",
    "DELETE FROM platform_admins WHERE (tenant_id, user_id) IN "
    "(SELECT t.tenant_id, t.user_id FROM platform_admins AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> tenant_ownership_history_of_tenants{
    "tenants.purge_tenant_ownership_history",
    "DELETE FROM tenant_ownership_history WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM tenant_ownership_history AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> tenant_owners_of_tenants{"tenants.purge_tenant_owners",
                                                               "DELETE FROM tenant_owners WHERE tenant_id IN "
                                                               "(SELECT t.tenant_id FROM tenant_owners AS t "
                                                               " JOIN tenants AS o ON o.id = t.tenant_id"
                                                               " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> memberships_of_tenants{
    "tenants.purge_memberships",
    "DELETE FROM memberships WHERE (tenant_id, app_id, user_id) IN "
    "(SELECT t.tenant_id, t.app_id, t.user_id FROM memberships AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> user_identities_of_tenants{
    "tenants.purge_user_identities",
    "DELETE FROM user_identities WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM user_identities AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> users_of_tenants{"tenants.purge_users",
                                                       "DELETE FROM users WHERE (tenant_id, id) IN "
                                                       "(SELECT t.tenant_id, t.id FROM users AS t "
                                                       " JOIN tenants AS o ON o.id = t.tenant_id"
                                                       " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> branches_of_tenants{
    "tenants.purge_branches",
    "DELETE FROM branches WHERE (tenant_id, app_id, id) IN "
    "(SELECT t.tenant_id, t.app_id, t.id FROM branches AS t "
    " JOIN tenants AS o ON o.id = t.tenant_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> apps_of_tenants{"tenants.purge_apps",
                                                      "DELETE FROM apps WHERE (tenant_id, id) IN "
                                                      "(SELECT t.tenant_id, t.id FROM apps AS t "
                                                      " JOIN tenants AS o ON o.id = t.tenant_id"
                                                      " WHERE o.deleted_at < $1 LIMIT $2)"};

// The ids that it has spent: its own is never free again, so nothing inside it can come back.
const db::Command<Time, std::int64_t> spent_ids_of_tenants{
    "tenants.purge_spent_ids",
    "DELETE FROM spent_ids WHERE (kind, id) IN "
    "(SELECT t.kind, t.id FROM tenants AS o "
    " JOIN spent_ids AS t ON t.kind IN ('app', 'branch', 'provider', 'repository', 'user') "
    " AND t.id > o.id || '/' AND t.id < o.id || '0'"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

// Of an app.
const db::Command<Time, std::int64_t> trusted_publishers_of_apps{
    "apps.purge_trusted_publishers",
    "DELETE FROM trusted_publishers WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM trusted_publishers AS t "
    " JOIN apps AS o ON o.tenant_id = t.tenant_id AND o.id = t.app_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> invitations_of_apps{
    "apps.purge_invitations",
    "DELETE FROM invitations WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM invitations AS t "
    " JOIN apps AS o ON o.tenant_id = t.tenant_id AND o.id = t.app_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> keys_of_apps{
    "apps.purge_keys",
    "DELETE FROM keys WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM keys AS t "
    " JOIN apps AS o ON o.tenant_id = t.tenant_id AND o.id = t.app_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> policies_of_apps{
    "apps.purge_policies",
    "DELETE FROM policies WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM policies AS t "
    " JOIN apps AS o ON o.tenant_id = t.tenant_id AND o.id = t.app_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> memberships_of_apps{
    "apps.purge_memberships",
    "DELETE FROM memberships WHERE (tenant_id, app_id, user_id) IN "
    "(SELECT t.tenant_id, t.app_id, t.user_id FROM memberships AS t "
    " JOIN apps AS o ON o.tenant_id = t.tenant_id AND o.id = t.app_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> branches_of_apps{
    "apps.purge_branches",
    "DELETE FROM branches WHERE (tenant_id, app_id, id) IN "
    "(SELECT t.tenant_id, t.app_id, t.id FROM branches AS t "
    " JOIN apps AS o ON o.tenant_id = t.tenant_id AND o.id = t.app_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

// Of a user.
const db::Command<Time, std::int64_t> web_logins_of_users{
    "users.purge_web_logins",
    "DELETE FROM web_logins WHERE (tenant_id, public_id) IN "
    "(SELECT t.tenant_id, t.public_id FROM web_logins AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> reset_links_of_users{
    "users.purge_reset_links",
    "DELETE FROM reset_links WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM reset_links AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> refresh_tokens_of_users{
    "users.purge_refresh_tokens",
    "DELETE FROM refresh_tokens WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM refresh_tokens AS t "
    " JOIN sessions AS s ON s.tenant_id = t.tenant_id AND s.id = t.session_id"
    " JOIN users AS o ON o.tenant_id = s.tenant_id AND o.id = s.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> sessions_of_users{
    "users.purge_sessions",
    "DELETE FROM sessions WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM sessions AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> recovery_codes_of_users{
    "users.purge_recovery_codes",
    "DELETE FROM recovery_codes WHERE (tenant_id, user_id, code_hash) IN "
    "(SELECT t.tenant_id, t.user_id, t.code_hash FROM recovery_codes AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> user_credentials_of_users{
    "users.purge_user_credentials",
    "DELETE FROM user_credentials WHERE (tenant_id, user_id) IN "
    "(SELECT t.tenant_id, t.user_id FROM user_credentials AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> keys_of_users{
    "users.purge_keys",
    "DELETE FROM keys WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM keys AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> user_roles_of_users{
    "users.purge_user_roles",
    "DELETE FROM user_roles WHERE (tenant_id, user_id, role) IN "
    "(SELECT t.tenant_id, t.user_id, t.role FROM user_roles AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> platform_admins_of_users{
    "users.purge_platform_admins",
    "DELETE FROM platform_admins WHERE (tenant_id, user_id) IN "
    "(SELECT t.tenant_id, t.user_id FROM platform_admins AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> tenant_owners_of_users{
    "users.purge_tenant_owners",
    "DELETE FROM tenant_owners WHERE tenant_id IN "
    "(SELECT t.tenant_id FROM tenant_owners AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> memberships_of_users{
    "users.purge_memberships",
    "DELETE FROM memberships WHERE (tenant_id, app_id, user_id) IN "
    "(SELECT t.tenant_id, t.app_id, t.user_id FROM memberships AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const db::Command<Time, std::int64_t> user_identities_of_users{
    "users.purge_user_identities",
    "DELETE FROM user_identities WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM user_identities AS t "
    " JOIN users AS o ON o.tenant_id = t.tenant_id AND o.id = t.user_id"
    " WHERE o.deleted_at < $1 LIMIT $2)"};

constexpr PurgeStep steps_of_tenants[] = {
    {"uploads", uploads_of_tenants},
    {"blob_leases", blob_leases_of_tenants},
    {"blob_uses", blob_uses_of_tenants},
    {"provider_sign_ins", provider_sign_ins_of_tenants},
    {"web_logins", web_logins_of_tenants},
    {"identity_providers", identity_providers_of_tenants},
    {"trusted_publishers", trusted_publishers_of_tenants},
    {"reset_links", reset_links_of_tenants},
    {"invitations", invitations_of_tenants},
    {"refresh_tokens", refresh_tokens_of_tenants},
    {"sessions", sessions_of_tenants},
    {"recovery_codes", recovery_codes_of_tenants},
    {"user_credentials", user_credentials_of_tenants},
    {"keys", keys_of_tenants},
    {"policies", policies_of_tenants},
    {"user_roles", user_roles_of_tenants},
    {"roles", roles_of_tenants},
    {"platform_admins", platform_admins_of_tenants},
    {"tenant_ownership_history", tenant_ownership_history_of_tenants},
    {"tenant_owners", tenant_owners_of_tenants},
    {"memberships", memberships_of_tenants},
    {"user_identities", user_identities_of_tenants},
    {"users", users_of_tenants},
    {"branches", branches_of_tenants},
    {"apps", apps_of_tenants},
    {"spent_ids", spent_ids_of_tenants},
};

constexpr PurgeStep steps_of_apps[] = {
    {"trusted_publishers", trusted_publishers_of_apps},
    {"invitations", invitations_of_apps},
    {"keys", keys_of_apps},
    {"policies", policies_of_apps},
    {"memberships", memberships_of_apps},
    {"branches", branches_of_apps},
};

constexpr PurgeStep steps_of_users[] = {
    {"web_logins", web_logins_of_users},
    {"reset_links", reset_links_of_users},
    {"refresh_tokens", refresh_tokens_of_users},
    {"sessions", sessions_of_users},
    {"recovery_codes", recovery_codes_of_users},
    {"user_credentials", user_credentials_of_users},
    {"keys", keys_of_users},
    {"user_roles", user_roles_of_users},
    {"platform_admins", platform_admins_of_users},
    {"tenant_owners", tenant_owners_of_users},
    {"memberships", memberships_of_users},
    {"user_identities", user_identities_of_users},
};

}  // namespace

std::span<const PurgeStep> tenant_purge_steps() {
    return steps_of_tenants;
}

std::span<const PurgeStep> app_purge_steps() {
    return steps_of_apps;
}

std::span<const PurgeStep> user_purge_steps() {
    return steps_of_users;
}

}  // namespace lodestone::identity
