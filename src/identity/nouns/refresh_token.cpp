// Refresh tokens in the database.
#include "identity/nouns/refresh_token.hpp"

#include "base/limits.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

const db::Query<FoundRefreshToken, std::string> find_by_public_id{
    "refresh_token.find_by_public_id",
    "SELECT id, session_id, public_id, secret_hash, created_at, expires_at, used_at, rotated_from, tenant_id "
    "FROM refresh_tokens WHERE public_id = $1"};

const db::Command<TenantId, RefreshTokenId, SessionId, std::string, db::Secret<std::string>, Time, Time,
                  std::optional<RefreshTokenId>>
    insert{"refresh_token.insert",
           "INSERT INTO refresh_tokens (tenant_id, id, session_id, public_id, secret_hash, created_at, "
           "expires_at, "
           "                            rotated_from) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};

const db::Command<TenantId, RefreshTokenId, Time> spend{
    "refresh_token.spend",
    "UPDATE refresh_tokens SET used_at = $3 WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL"};

const db::Command<TenantId, RefreshTokenId, SessionId, Time> spend_successors{
    "refresh_token.spend_successors",
    "UPDATE refresh_tokens SET used_at = $4 "
    "WHERE tenant_id = $1 AND session_id = $3 AND rotated_from = $2 AND used_at IS NULL"};

const db::Query<SessionId, TenantId, RefreshTokenId> find_session_of{
    "refresh_token.find_session", "SELECT session_id FROM refresh_tokens WHERE tenant_id = $1 AND id = $2"};

const db::Query<RefreshTokenId, Time, std::int64_t> purge{
    "refresh_token.purge",
    "DELETE FROM refresh_tokens WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM refresh_tokens "
    "                                                     WHERE expires_at < $1 ORDER BY expires_at LIMIT "
    "$2) "
    "RETURNING id"};

}  // namespace

void insert_refresh_token(Tx& tx, const TenantId& tenant, const RefreshToken& token) {
    tx.send(insert, tenant, token.id, token.session_id, token.public_id, token.secret_hash, token.created_at,
            token.expires_at, token.rotated_from);
}

std::optional<FoundRefreshToken> find_refresh_token_by_public_id(Tx& tx, std::string_view public_id) {
    return tx.maybe(find_by_public_id, std::string(public_id));
}

bool spend_refresh_token(Tx& tx, const TenantId& tenant, const RefreshTokenId& id) {
    return tx.run(spend, tenant, id, tx.now()) == 1;
}

std::int64_t replace_successors(Tx& tx, const TenantId& tenant, const RefreshTokenId& id) {
    const std::optional<SessionId> session = tx.maybe(find_session_of, tenant, id);
    return session ? tx.run(spend_successors, tenant, id, *session, tx.now()) : 0;
}

std::int64_t purge_refresh_tokens(Tx& tx, Time deadline) {
    return static_cast<std::int64_t>(tx.all(purge, deadline, limits::purge_rows).size());
}

}  // namespace lodestone::identity
