// Sessions in the database.
#include "identity/nouns/session.hpp"

#include <algorithm>

#include "base/tenant_limits.hpp"
#include "base/utf8.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "db/noun.hpp"
#include "http/message/client_network.hpp"
#include "identity/nouns/web_login.hpp"

namespace lodestone::identity {

using db::Tx;

struct SessionFilters {
    std::optional<SignInMethod> method;
};
BOOST_DESCRIBE_STRUCT(SessionFilters, (), (method))

namespace {

const db::Query<Session, TenantId, SessionId> find_by_id{
    "session.find",
    "SELECT id, user_id, public_id, access_hash, access_expires_at, method, has_second_factor, address, "
    "agent, "
    "       created_at, last_active_at, expires_at, revoked_at, revoked_reason "
    "FROM sessions WHERE tenant_id = $1 AND id = $2"};

const db::Query<FoundSession, std::string> find_by_public_id{
    "session.find_by_public_id",
    "SELECT id, user_id, public_id, access_hash, access_expires_at, method, has_second_factor, address, "
    "agent, "
    "       created_at, last_active_at, expires_at, revoked_at, revoked_reason, tenant_id "
    "FROM sessions WHERE public_id = $1"};

const db::ListQuery<Session, SessionFilters, Time, TenantId, UserId> list_newest_first{
    "session.list",
    "SELECT id, user_id, public_id, access_hash, access_expires_at, method, has_second_factor, address, "
    "agent, "
    "       created_at, last_active_at, expires_at, revoked_at, revoked_reason "
    "FROM sessions "
    "WHERE tenant_id = $1 AND user_id = $2 AND ($3 IS NULL OR method = $3) AND (created_at, id) < ($4, $5) "
    "ORDER BY created_at DESC, id DESC LIMIT $6"};

const db::Query<std::string, TenantId, UserId, Time, std::int64_t> list_addresses{
    "session.list_addresses",
    "SELECT address FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND created_at > $3 "
    "ORDER BY created_at DESC, id DESC LIMIT $4"};

const db::Command<TenantId, SessionId, UserId, std::string, db::Secret<std::string>, Time, SignInMethod, bool,
                  std::string, std::string, Time, Time>
    insert{"session.insert",
           "INSERT INTO sessions (tenant_id, id, user_id, public_id, access_hash, access_expires_at, method, "
           "                      has_second_factor, address, agent, created_at, last_active_at, expires_at) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)"};

const db::Command<TenantId, SessionId, std::string, db::Secret<std::string>, Time, std::string, std::string,
                  Time, Time>
    renew{"session.renew",
          "UPDATE sessions SET public_id = $3, access_hash = $4, access_expires_at = $5, address = $6, agent "
          "= $7, "
          "                    last_active_at = $8, expires_at = $9 "
          "WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL"};

const db::Command<TenantId, SessionId> put_second_factor{
    "session.put_second_factor",
    "UPDATE sessions SET has_second_factor = (1 = 1) WHERE tenant_id = $1 AND id = $2 AND revoked_at IS "
    "NULL"};

const db::Command<TenantId, SessionId, Time, std::string> revoke{
    "session.revoke",
    "UPDATE sessions SET revoked_at = $3, revoked_reason = $4 "
    "WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL"};

const db::Query<SessionId, TenantId, UserId, std::optional<SessionId>, Time, std::string> revoke_of_user{
    "session.revoke_of_user",
    "UPDATE sessions SET revoked_at = $4, revoked_reason = $5 "
    "WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $4 "
    "  AND ($3 IS NULL OR id <> $3) "
    "RETURNING id"};

struct EndedSession {
    TenantId tenant_id;
    SessionId id;
};
BOOST_DESCRIBE_STRUCT(EndedSession, (), (tenant_id, id))

const db::Query<EndedSession, Time, std::int64_t> list_ended{
    "session.list_ended",
    "SELECT tenant_id, id FROM sessions WHERE expires_at < $1 ORDER BY expires_at, tenant_id, id LIMIT $2"};

const db::Command<TenantId, SessionId> delete_tokens{
    "session.delete_tokens", "DELETE FROM refresh_tokens WHERE tenant_id = $1 AND session_id = $2"};

const db::Command<TenantId, SessionId> delete_one{"session.delete",
                                                  "DELETE FROM sessions WHERE tenant_id = $1 AND id = $2"};

constexpr std::string_view kind = "session";

constexpr std::tuple sorts{
    db::Sort{"-created_at", list_newest_first, &Session::created_at},
};

// As much of a client's name for itself as is kept, whole characters of it; what is not text is not kept.
std::string clip_agent(const std::string& agent) {
    if (!is_utf8(agent) || agent.find('\0') != std::string::npos) return {};
    std::size_t size = std::min(agent.size(), limits::session_agent_bytes);
    while (size > 0 && size < agent.size() && (static_cast<unsigned char>(agent[size]) & 0xC0) == 0x80)
        --size;
    return agent.substr(0, size);
}

void record(Tx& tx, const char* action, const TenantId& tenant, const SessionId& id) {
    tx.record({.action = action, .tenant = tenant.text(), .subject = id.text(), .details = "{}"});
}

}  // namespace

void insert_session(Tx& tx, const TenantId& tenant, const Session& session) {
    tx.send(insert, tenant, session.id, session.user_id, session.public_id, session.access_hash,
            session.access_expires_at, session.method, session.has_second_factor, session.address,
            clip_agent(session.agent), session.created_at, session.expires_at);
    record(tx, "session.create", tenant, session.id);
}

std::optional<Session> find_session(Tx& tx, const TenantId& tenant, const SessionId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<FoundSession> find_session_by_public_id(Tx& tx, std::string_view public_id) {
    return tx.maybe(find_by_public_id, std::string(public_id));
}

db::Page<Session> list_sessions(Tx& tx, const TenantId& tenant, const UserId& user,
                                const db::ListRequest& request) {
    return db::list_page<SessionFilters>(tx, request, sorts, tenant, user);
}

bool is_familiar(Tx& tx, const TenantId& tenant, const UserId& user, std::string_view address) {
    const std::string here = http::client_of(address);
    const std::vector<std::string> known =
        tx.all(list_addresses, tenant, user, tx.now() - limits::familiar_lifetime, limits::familiar_sessions);
    return std::ranges::any_of(known,
                               [&](const std::string& there) { return http::client_of(there) == here; });
}

bool renew_session(Tx& tx, const TenantId& tenant, const Session& session, std::string_view replaced) {
    const std::int64_t renewed =
        tx.run(renew, tenant, session.id, session.public_id, session.access_hash, session.access_expires_at,
               session.address, clip_agent(session.agent), session.last_active_at, session.expires_at);
    if (renewed == 0) return false;
    db::ChangedFields changed;
    using Text = db::Codec<std::string>;
    changed.add("public_id", Text::to_value(std::string(replaced)), Text::to_value(session.public_id));
    tx.record({.action = "session.refresh",
               .tenant = tenant.text(),
               .subject = session.id.text(),
               .details = changed.take()});
    return true;
}

void note_second_factor(Tx& tx, const TenantId& tenant, const SessionId& id) {
    tx.send(put_second_factor, tenant, id);
}

Session revoke_session(Tx& tx, const TenantId& tenant, const UserId& user, const SessionId& id,
                       std::string_view reason) {
    std::optional<Session> found = find_session(tx, tenant, id);
    if (!found || found->user_id != user) db::refuse_absent(kind, id.text());
    if (found->revoked_at) return *found;
    found->revoked_at = tx.now();
    found->revoked_reason = std::string(reason);
    if (tx.run(revoke, tenant, id, *found->revoked_at, *found->revoked_reason) == 1)
        record(tx, "session.revoke", tenant, id);
    return *found;
}

std::int64_t revoke_sessions_of_user(Tx& tx, const TenantId& tenant, const UserId& user,
                                     std::string_view reason, const std::optional<SessionId>& kept) {
    const std::vector<SessionId> revoked =
        tx.all(revoke_of_user, tenant, user, kept, tx.now(), std::string(reason));
    for (const SessionId& id : revoked) record(tx, "session.revoke", tenant, id);
    drop_web_logins_of_user(tx, tenant, user);
    return static_cast<std::int64_t>(revoked.size());
}

std::int64_t purge_sessions(Tx& tx, Time deadline) {
    const std::vector<EndedSession> ended = tx.all(list_ended, deadline, limits::purge_rows);
    for (const EndedSession& session : ended) {
        tx.send(delete_tokens, session.tenant_id, session.id);
        tx.send(delete_one, session.tenant_id, session.id);
    }
    return static_cast<std::int64_t>(ended.size());
}

}  // namespace lodestone::identity
