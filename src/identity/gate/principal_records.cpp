// The statements of the gate. Each finds by the public part of a token or by (tenant, id); what is deleted or
// suspended is seen by what the outer joins find, so that the reason can be told to whoever has the secret.
#include "identity/gate/principal_records.hpp"

#include <algorithm>
#include <boost/describe/class.hpp>

#include "base/problem.hpp"
#include "db/query.hpp"
#include "identity/nouns/app_config.hpp"
#include "identity/nouns/duties.hpp"
#include "identity/nouns/tenant_settings.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/rules/policy.hpp"
#include "identity/rules/scopes.hpp"
#include "identity/rules/text_list.hpp"

namespace lodestone::identity {

using db::Tx;

// What a key and a session have in common here. A status that is absent: there is no such thing, or it is
// deleted.
struct CredentialRow {
    TenantId tenant_id;
    std::string secret_hash;
    std::optional<UserId> user_id;
    Time expires_at{};
    std::optional<Time> revoked_at;
    std::optional<std::string> tenant_status;
    std::optional<std::string> settings;  // the tenant's, and its configuration
    std::optional<std::string> config;
    std::optional<std::string> user_status;
    std::optional<std::string> username;
    std::optional<UserId> admin_id;
};
BOOST_DESCRIBE_STRUCT(CredentialRow, (),
                      (tenant_id, secret_hash, user_id, expires_at, revoked_at, tenant_status, settings,
                       config, user_status, username, admin_id))

struct KeyRow : CredentialRow {
    KeyId id;
    std::optional<AppId> app_id;
    std::string name;
    std::string type;
    KeyEnvironment environment = KeyEnvironment::live;
    std::string scopes;
    std::string networks;
    std::optional<std::string> app_status;
    std::optional<std::string> app_config;
};
BOOST_DESCRIBE_STRUCT(KeyRow, (CredentialRow),
                      (id, app_id, name, type, environment, scopes, networks, app_status, app_config))

struct SessionRow : CredentialRow {
    SessionId id;
    Time ends_at{};
    SignInMethod method = SignInMethod::password;
    bool has_second_factor = false;
    std::optional<bool> must_change_password;
    std::optional<Time> password_changed_at;
};
BOOST_DESCRIBE_STRUCT(SessionRow, (CredentialRow),
                      (id, ends_at, method, has_second_factor, must_change_password, password_changed_at))

struct RoleRow {
    std::string app_id;  // empty: in the whole tenant
    std::string role;
    std::optional<std::string> permissions;  // of one of the tenant's own
};
BOOST_DESCRIBE_STRUCT(RoleRow, (), (app_id, role, permissions))

struct PolicyRow {
    PolicyId id;
    std::string name;
    std::optional<AppId> app_id;
    std::string effect;
    std::string subjects;
    std::string actions;
    std::string resources;
    std::string conditions;
};
BOOST_DESCRIBE_STRUCT(PolicyRow, (), (id, name, app_id, effect, subjects, actions, resources, conditions))

struct TenantRow {
    std::string status;
    std::string config;
};
BOOST_DESCRIBE_STRUCT(TenantRow, (), (status, config))

struct UserRow {
    std::optional<UserId> admin_id;
    std::string username;
};
BOOST_DESCRIBE_STRUCT(UserRow, (), (admin_id, username))

namespace {

const db::Query<KeyRow, std::string> find_key{
    "gate.find_key",
    "SELECT keys.tenant_id, keys.secret_hash, keys.user_id, keys.expires_at, keys.revoked_at, "
    "       tenants.status AS tenant_status, tenants.settings AS settings, "
    "       tenants.config AS config, users.status AS user_status, "
    "       users.username AS username, platform_admins.user_id AS admin_id, "
    "       keys.id, keys.app_id, keys.name, keys.type, keys.environment, keys.scopes, keys.networks, "
    "       apps.status AS app_status, apps.config AS app_config "
    "FROM keys "
    "LEFT JOIN tenants ON tenants.id = keys.tenant_id AND tenants.deleted_at IS NULL "
    "LEFT JOIN users ON users.tenant_id = keys.tenant_id AND users.id = keys.user_id AND users.deleted_at IS "
    "NULL "
    "LEFT JOIN apps ON apps.tenant_id = keys.tenant_id AND apps.id = keys.app_id AND apps.deleted_at IS NULL "
    "LEFT JOIN platform_admins ON platform_admins.tenant_id = keys.tenant_id "
    "      AND platform_admins.user_id = keys.user_id "
    "WHERE keys.public_id = $1"};

const db::Query<SessionRow, std::string> find_session{
    "gate.find_session",
    "SELECT sessions.tenant_id, sessions.access_hash AS secret_hash, sessions.user_id, "
    "       sessions.access_expires_at AS expires_at, sessions.revoked_at, "
    "       tenants.status AS tenant_status, tenants.settings AS settings, "
    "       tenants.config AS config, users.status AS user_status, "
    "       users.username AS username, platform_admins.user_id AS admin_id, "
    "       user_credentials.must_change_password AS must_change_password, "
    "       user_credentials.password_changed_at AS password_changed_at, "
    "       sessions.id, sessions.expires_at AS ends_at, sessions.method, sessions.has_second_factor "
    "FROM sessions "
    "LEFT JOIN tenants ON tenants.id = sessions.tenant_id AND tenants.deleted_at IS NULL "
    "LEFT JOIN users ON users.tenant_id = sessions.tenant_id AND users.id = sessions.user_id "
    "      AND users.deleted_at IS NULL "
    "LEFT JOIN platform_admins ON platform_admins.tenant_id = sessions.tenant_id "
    "      AND platform_admins.user_id = sessions.user_id "
    "LEFT JOIN user_credentials ON user_credentials.tenant_id = sessions.tenant_id "
    "      AND user_credentials.user_id = sessions.user_id "
    "WHERE sessions.public_id = $1"};

// Roles in suspended and deleted apps are none.
const db::Query<RoleRow, TenantId, UserId> list_roles{
    "gate.list_roles",
    "SELECT '' AS app_id, user_roles.role AS role, roles.permissions AS permissions FROM user_roles "
    "LEFT JOIN roles ON roles.tenant_id = user_roles.tenant_id AND roles.id = user_roles.role "
    "      AND roles.deleted_at IS NULL AND roles.status = 'active' "
    "WHERE user_roles.tenant_id = $1 AND user_roles.user_id = $2 "
    "UNION ALL "
    "SELECT memberships.app_id, memberships.role, roles.permissions FROM memberships "
    "JOIN apps ON apps.tenant_id = memberships.tenant_id AND apps.id = memberships.app_id "
    "     AND apps.deleted_at IS NULL AND apps.status = 'active' "
    "LEFT JOIN roles ON roles.tenant_id = memberships.tenant_id AND roles.id = memberships.role "
    "      AND roles.deleted_at IS NULL AND roles.status = 'active' "
    "WHERE memberships.tenant_id = $1 AND memberships.user_id = $2 AND memberships.status = 'active' "
    "UNION ALL "
    "SELECT '', 'is owner', NULL FROM tenant_owners "
    "WHERE tenant_owners.tenant_id = $1 AND tenant_owners.user_id = $2"};

const db::Query<PolicyRow, TenantId> list_policy_rows{
    "gate.list_policy_rows",
    "SELECT id, name, app_id, effect, subjects, actions, resources, conditions FROM policies "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND status = 'active' ORDER BY id"};

const db::Query<TenantRow, TenantId> find_tenant{
    "gate.find_tenant", "SELECT status, config FROM tenants WHERE id = $1 AND deleted_at IS NULL"};

const db::Query<UserRow, TenantId, UserId> find_user_row{
    "gate.find_user",
    "SELECT users.username AS username, platform_admins.user_id AS admin_id FROM users "
    "LEFT JOIN platform_admins ON platform_admins.tenant_id = users.tenant_id AND platform_admins.user_id = "
    "users.id "
    "WHERE users.tenant_id = $1 AND users.id = $2 AND users.deleted_at IS NULL AND users.status = 'active'"};

// In user_roles and memberships nobody is "owner": that stands in tenant_owners alone, and no role can be
// called so.
constexpr std::string_view owner_mark = "is owner";
constexpr std::string_view active = "active";

std::optional<Role> read_role(const RoleRow& row) {
    if (row.role == owner_mark) return make_role(*find_built_in_role(owner_role));
    const BuiltInRole* built_in = row.role == owner_role ? nullptr : find_built_in_role(row.role);
    if (built_in != nullptr) return make_role(*built_in);
    if (!row.permissions) return std::nullopt;
    std::string fault;  // a role that cannot be read gives nothing
    auto permissions = parse_role_permissions(*row.permissions, fault);
    if (!permissions) return std::nullopt;
    return Role{.name = row.role, .permissions = *std::move(permissions)};
}

std::shared_ptr<const PolicySet> shelved_policies(Tx& tx, const TenantId& tenant, PolicyShelf& shelf) {
    if (auto policies = shelf.find(tenant)) return policies;
    auto policies = load_policies(tx, tenant);
    shelf.keep(tenant, policies);
    return policies;
}

std::shared_ptr<const Rights> load_rights_of_user(Tx& tx, const TenantId& tenant, const UserId& user,
                                                  PolicyShelf& shelf) {
    auto rights = std::make_shared<Rights>();
    for (const RoleRow& row : tx.all(list_roles, tenant, user)) {
        std::optional<Role> role = read_role(row);
        if (!role) continue;
        auto& roles = row.app_id.empty() ? rights->roles : rights->app_roles[AppId::trusted(row.app_id)];
        roles.push_back(*std::move(role));
    }
    rights->policies = shelved_policies(tx, tenant, shelf);
    return rights;
}

std::shared_ptr<const Rights> load_rights_of_app(Tx& tx, const TenantId& tenant, const AppId& app,
                                                 PolicyShelf& shelf) {
    auto rights = std::make_shared<Rights>();
    rights->app_roles[app].push_back(make_role(*find_built_in_role(robot_role)));
    rights->policies = shelved_policies(tx, tenant, shelf);
    return rights;
}

Standing standing_of(const CredentialRow& row, const std::optional<std::string>& app_status, bool is_of_app) {
    if (row.revoked_at) return Standing::revoked;
    if (!row.tenant_status) return Standing::gone;
    if (*row.tenant_status != active) return Standing::tenant_suspended;
    if (is_of_app) {
        if (!app_status) return Standing::gone;
        return *app_status == active ? Standing::good : Standing::app_suspended;
    }
    if (!row.user_status) return Standing::gone;
    return *row.user_status == active ? Standing::good : Standing::user_suspended;
}

// A public key stands where others can read it: of what its scopes allow, it is good for reading alone.
Scopes only_reading(const Scopes& scopes) {
    Scope all{.actions = {"*"}, .resources = {}, .tags = {}};
    std::vector<Scope> reading = scopes.value_or(std::vector<Scope>{all});
    for (Scope& scope : reading) {
        std::vector<std::string> actions;
        for (const Permission& permission : all_permissions()) {
            const Scope one{.actions = scope.actions, .resources = {}, .tags = {}};
            if (is_public_reading(permission.name) && is_in_scope(permission.name, {}, one))
                actions.emplace_back(permission.name);
        }
        scope.actions = std::move(actions);
    }
    return reading;
}

SignInSettings settings_of(const CredentialRow& row) {
    return parse_sign_in_settings(row.settings.value_or(""));
}

Principal make_person(const CredentialRow& row) {
    Principal principal;
    principal.kind = PrincipalKind::person;
    principal.tenant = row.tenant_id;
    principal.user = row.user_id.value_or(UserId{});
    principal.name = row.username.value_or("");
    principal.is_platform_admin = row.admin_id.has_value();
    return principal;
}

// Whether what is stored of the key's limits can be read; what cannot limits everything.
bool read_limits(const KeyRow& row, KnownCredential& known, Principal& principal) {
    const ParsedScopes parsed = parse_scopes(row.scopes);
    std::string fault;
    const auto is_network = [](std::string_view text) { return http::parse_network(text).has_value(); };
    const auto networks = parse_text_list(row.networks, is_network, "a network", fault);
    if (!parsed.fault.empty() || !networks) return false;
    for (const std::string& network : *networks) known.networks.push_back(*http::parse_network(network));
    principal.key_terms = {.networks = *networks,
                           .expires_at = row.expires_at,
                           .is_for_tests = row.environment == KeyEnvironment::test};
    principal.scopes = row.type == "public" ? only_reading(parsed.scopes) : parsed.scopes;
    return true;
}

Pace pace_of(std::int64_t per_minute, std::int64_t burst) {
    return {.interval = std::chrono::nanoseconds(std::chrono::minutes(1)) / per_minute, .burst = burst};
}

// What the configurations of tenant and app say about a credential. What cannot be read limits everything.
void read_configs(const CredentialRow& row, const Principal& principal, const AppConfig& app,
                  KnownCredential& known) {
    const TenantConfig tenant = parse_tenant_config(row.config.value_or("{}"));
    if (const auto most = tenant.security.global_rate_limit_per_minute)
        known.paces.push_back({"this tenant", "tenant " + row.tenant_id.text(), pace_of(*most, *most)});
    if (app.rate_limits.enabled)
        known.paces.push_back({"this app", "app " + row.tenant_id.text() + " " + principal.app.text(),
                               pace_of(app.rate_limits.requests_per_minute, app.rate_limits.burst)});
    const KeyConfig keys = combine(app.credentials.apikey, tenant.default_credentials.apikey);
    if (principal.key && keys.requests_per_minute)
        known.paces.push_back({"this key", "key " + principal.key->text(),
                               pace_of(*keys.requests_per_minute, *keys.requests_per_minute)});
}

void read_app_config(const KeyRow& row, Principal& principal, KnownCredential& known) {
    const AppConfig app = parse_app_config(row.app_config.value_or("{}"));
    read_configs(row, principal, app, known);
    known.origins = app.allowed_origins;
    if (!app.allowed_scopes.empty())
        principal.app_scopes = {{.actions = app.allowed_scopes, .resources = {}, .tags = {}}};
}

std::optional<KnownCredential> load_key(Tx& tx, const TokenText& token, PolicyShelf& shelf) {
    const std::optional<KeyRow> row = tx.maybe(find_key, token.public_id);
    const bool is_of_app = token.kind != TokenKind::personal_key;
    const bool is_publishers = token.kind == TokenKind::publisher;
    if (!row || row->app_id.has_value() != is_of_app || row->user_id.has_value() == is_of_app ||
        (row->type == "publisher") != is_publishers)
        return std::nullopt;
    KnownCredential known{.secret_hash = row->secret_hash,
                          .standing = standing_of(*row, row->app_status, is_of_app),
                          .expires_at = row->expires_at,
                          .networks = {},
                          .origins = {},
                          .paces = {},
                          .principal = nullptr};
    Principal principal = make_person(*row);
    principal.key = row->id;
    principal.public_id = token.public_id;
    if (is_of_app) {
        principal.kind = is_publishers ? PrincipalKind::publisher : PrincipalKind::app;
        principal.app = *row->app_id;
        principal.name = row->name;
    }
    if (!read_limits(*row, known, principal) ||
        find_problem([&] { read_app_config(*row, principal, known); }))
        known.standing = Standing::broken;
    const AuthMethod method = is_publishers ? AuthMethod::publisher : AuthMethod::key;
    if (known.standing == Standing::good && !settings_of(*row).allows(method))
        known.standing = Standing::method_refused;
    if (known.standing == Standing::good)
        principal.rights = is_of_app ? load_rights_of_app(tx, row->tenant_id, *row->app_id, shelf)
                                     : load_rights_of_user(tx, row->tenant_id, *row->user_id, shelf);
    known.principal = std::make_shared<const Principal>(std::move(principal));
    return known;
}

std::optional<KnownCredential> load_session(Tx& tx, const TokenText& token, PolicyShelf& shelf) {
    const std::optional<SessionRow> row = tx.maybe(find_session, token.public_id);
    if (!row || !row->user_id) return std::nullopt;
    KnownCredential known{.secret_hash = row->secret_hash,
                          .standing = standing_of(*row, std::nullopt, false),
                          .expires_at = std::min(row->expires_at, row->ends_at),
                          .networks = {},
                          .origins = {},
                          .paces = {},
                          .principal = nullptr};
    Principal principal = make_person(*row);
    principal.session = row->id;
    principal.public_id = token.public_id;
    principal.has_second_factor = row->has_second_factor;
    // A configuration that cannot be read lets nobody in: load_policies() sees to that, and says so.
    (void)find_problem([&] { read_configs(*row, principal, {}, known); });
    const SignInSettings settings = settings_of(*row);
    // A key is no sign-in: what it may do waits for nobody to choose a password or to add a second factor.
    const Duties duties = find_duties({.method = row->method,
                                       .has_second_factor = row->has_second_factor,
                                       .must_change_password = row->must_change_password.value_or(false),
                                       .password_changed_at = row->password_changed_at},
                                      settings, tx.now());
    if (known.standing == Standing::good && !settings.allows(auth_method_of(row->method)))
        known.standing = Standing::method_refused;
    principal.must_change_password = duties.must_change_password;
    principal.must_add_second_factor = duties.must_add_second_factor;
    if (known.standing == Standing::good)
        principal.rights = load_rights_of_user(tx, row->tenant_id, *row->user_id, shelf);
    known.principal = std::make_shared<const Principal>(std::move(principal));
    return known;
}

}  // namespace

std::optional<KnownCredential> load_credential(Tx& tx, const TokenText& token, PolicyShelf& shelf) {
    switch (token.kind) {
        case TokenKind::personal_key:
        case TokenKind::app_key:
        case TokenKind::publisher: return load_key(tx, token, shelf);
        case TokenKind::session: return load_session(tx, token, shelf);
        case TokenKind::refresh:
        case TokenKind::invitation:
        case TokenKind::reset_link:
        case TokenKind::web_login: break;  // each is shown to one route, in its body or path
    }
    return std::nullopt;
}

std::shared_ptr<const PolicySet> load_policies(Tx& tx, const TenantId& tenant) {
    auto set = std::make_shared<PolicySet>();
    const std::optional<TenantRow> owner = tx.maybe(find_tenant, tenant);
    set->is_suspended = !owner || owner->status != active;
    if (owner && find_problem([&] { set->addresses = address_rules_of(owner->config); }))
        set->unreadable.emplace_back("config.security");
    for (const PolicyRow& row : tx.all(list_policy_rows, tenant)) {
        std::string fault;
        auto policy =
            parse_policy({.id = row.id,
                          .name = row.name,
                          .app = row.app_id,
                          .effect = row.effect == "allow" ? PolicyEffect::allow : PolicyEffect::deny,
                          .subjects = row.subjects,
                          .actions = row.actions,
                          .resources = row.resources,
                          .conditions = row.conditions},
                         fault);
        if (policy)
            set->policies.push_back(*std::move(policy));
        else
            set->unreadable.push_back(row.name);
    }
    return set;
}

std::optional<Principal> load_user(Tx& tx, const TenantId& tenant, const UserId& user, PolicyShelf& shelf) {
    const std::optional<UserRow> row = tx.maybe(find_user_row, tenant, user);
    if (!row) return std::nullopt;
    Principal principal;
    principal.kind = PrincipalKind::person;
    principal.tenant = tenant;
    principal.user = user;
    principal.name = row->username;
    principal.is_platform_admin = row->admin_id.has_value();
    principal.rights = load_rights_of_user(tx, tenant, user, shelf);
    return principal;
}

}  // namespace lodestone::identity
