// Tenants, people, apps, keys and sessions for tests of who may do what, written straight into the tables:
// what a test needs wrong (a deleted app, a role that cannot be read) no noun would let in.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/ids.hpp"
#include "identity/rules/scopes.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "identity/secrets/token_text.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::test {

inline constexpr std::string_view test_pepper = "pepper of this test";

inline identity::VaultOptions test_vault() {
    return {.pepper = std::string(test_pepper),
            .sealing_keys = {"sealing key of this test"},
            .password_cost = {}};
}

struct KeyOptions {
    std::string user;  // one of these two
    std::string app;
    std::string scopes = "null";
    std::string networks = "[]";
    std::string type = "secret";
    std::chrono::seconds lifetime = std::chrono::hours(1);
};

// With the world's own SQL: `run` executes one statement.
class IdentityWorld {
  public:
    using RunSql = std::function<std::string(const std::string&)>;
    IdentityWorld(Context& context, RunSql run) : context_(context), run_(std::move(run)) {}

    void add_tenant(const std::string& tenant) const {
        run_(
            "INSERT INTO tenants (id, name, name_folded, status, metadata, version, created_at, created_by, "
            "updated_at, updated_by) VALUES (" +
            quote(tenant) + ", " + quote(tenant) + ", " + quote(tenant) +
            ", 'active', '{}', 1, 1, 'test', 1, 'test')");
    }
    void add_user(const std::string& tenant, const std::string& user) const {
        run_(
            "INSERT INTO users (tenant_id, id, username, username_folded, full_name, status, metadata, "
            "version, "
            "created_at, created_by, updated_at, updated_by) VALUES (" +
            quote(tenant) + ", " + quote(user) + ", " + quote(user) + ", " + quote(user) +
            ", '', 'active', '{}', 1, 1, 'test', 1, 'test')");
    }
    void add_app(const std::string& tenant, const std::string& app) const {
        run_(
            "INSERT INTO apps (tenant_id, id, name, name_folded, type, status, config, metadata, version, "
            "created_at, created_by, updated_at, updated_by) VALUES (" +
            quote(tenant) + ", " + quote(app) + ", " + quote(app) + ", " + quote(app) +
            ", 'service', 'active', '{}', '{}', 1, 1, 'test', 1, 'test')");
    }
    void give_role(const std::string& tenant, const std::string& user, const std::string& role) const {
        if (role == "owner")
            run_("INSERT INTO tenant_owners (tenant_id, user_id, since, granted_by) VALUES (" +
                 quote(tenant) + ", " + quote(user) + ", 1, 'test')");
        else
            run_("INSERT INTO user_roles (tenant_id, user_id, role, granted_at, granted_by) VALUES (" +
                 quote(tenant) + ", " + quote(user) + ", " + quote(role) + ", 1, 'test')");
    }
    void add_member(const std::string& tenant, const std::string& app, const std::string& user,
                    const std::string& role) const {
        run_(
            "INSERT INTO memberships (tenant_id, app_id, user_id, role, status, granted_at, granted_by) "
            "VALUES (" +
            quote(tenant) + ", " + quote(app) + ", " + quote(user) + ", " + quote(role) +
            ", 'active', 1, 'test')");
    }
    void add_role(const std::string& tenant, const std::string& role, const std::string& permissions) const {
        run_(
            "INSERT INTO roles (tenant_id, id, name, name_folded, description, status, permissions, "
            "metadata, "
            "version, created_at, created_by, updated_at, updated_by) VALUES (" +
            quote(tenant) + ", " + quote(role) + ", " + quote(role) + ", " + quote(role) +
            ", '', 'active', " + quote(permissions) + ", '{}', 1, 1, 'test', 1, 'test')");
    }
    void add_policy(const std::string& tenant, const std::string& policy, const std::string& effect,
                    const std::string& subjects, const std::string& actions) const {
        run_(
            "INSERT INTO policies (tenant_id, id, name, name_folded, description, effect, subjects, actions, "
            "resources, conditions, status, metadata, version, created_at, created_by, updated_at, "
            "updated_by) "
            "VALUES (" +
            quote(tenant) + ", " + quote(policy) + ", " + quote(policy) + ", " + quote(policy) + ", '', " +
            quote(effect) + ", " + quote(subjects) + ", " + quote(actions) +
            ", '[\"*\"]', '[]', 'active', '{}', 1, 1, 'test', 1, 'test')");
    }
    void make_platform_admin(const std::string& tenant, const std::string& user) const {
        run_("INSERT INTO platform_admins (tenant_id, user_id, granted_at, granted_by) VALUES (" +
             quote(tenant) + ", " + quote(user) + ", 1, 'test')");
    }
    // Its text.
    std::string add_key(const std::string& tenant, const KeyOptions& options) {
        const auto app_kind =
            options.type == "publisher" ? identity::TokenKind::publisher : identity::TokenKind::app_key;
        const auto kind = options.app.empty() ? identity::TokenKind::personal_key : app_kind;
        const identity::TokenText token = identity::make_token(kind, context_.random);
        const std::string id = render_uuid(make_uuid(context_.clock, context_.random));
        run_(
            "INSERT INTO keys (tenant_id, id, public_id, secret_hash, user_id, app_id, type, environment, "
            "name, name_folded, "
            "scopes, networks, metadata, expires_at, version, created_at, created_by, updated_at, "
            "updated_by) "
            "VALUES (" +
            quote(tenant) + ", " + quote(id) + ", " + quote(token.public_id) + ", " +
            quote(hasher_.hash(token)) + ", " + quote_or_null(options.user) + ", " +
            quote_or_null(options.app) + ", " + quote(options.type) + ", 'live', 'a key', 'a key', " +
            quote(options.scopes) + ", " + quote(options.networks) + ", '{}', " + moment(options.lifetime) +
            ", 1, 1, 'test', 1, 'test')");
        return identity::render_token(token);
    }
    std::string add_session(const std::string& tenant, const std::string& user,
                            bool has_second_factor = false) {
        const identity::TokenText token = identity::make_token(identity::TokenKind::session, context_.random);
        const std::string id = render_uuid(make_uuid(context_.clock, context_.random));
        run_(
            "INSERT INTO sessions (tenant_id, id, user_id, public_id, access_hash, access_expires_at, "
            "method, "
            "has_second_factor, address, agent, created_at, last_active_at, expires_at) VALUES (" +
            quote(tenant) + ", " + quote(id) + ", " + quote(user) + ", " + quote(token.public_id) + ", " +
            quote(hasher_.hash(token)) + ", " + moment(std::chrono::minutes(15)) + ", 'password', " +
            (has_second_factor ? "TRUE" : "FALSE") + ", '', '', 1, 1, " + moment(std::chrono::hours(24)) +
            ")");
        return identity::render_token(token);
    }
    void set(const std::string& table, const std::string& what, const std::string& where) const {
        run_("UPDATE " + table + " SET " + what + " WHERE " + where);
    }
    static std::string public_id_of(const std::string& token) {
        return identity::parse_token(token)->public_id;
    }

    const identity::KeyedHash& hasher() const { return hasher_; }

  private:
    static std::string quote(const std::string& text) { return "'" + text + "'"; }
    static std::string quote_or_null(const std::string& text) { return text.empty() ? "NULL" : quote(text); }
    std::string moment(std::chrono::seconds from_now) const {
        return std::to_string((context_.clock.now() + from_now).time_since_epoch().count());
    }

    Context& context_;
    RunSql run_;
    identity::KeyedHash hasher_{test_pepper};
};

}  // namespace lodestone::test
