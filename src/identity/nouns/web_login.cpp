// Logins by a page in the database.
#include "identity/nouns/web_login.hpp"

#include "base/json_text.hpp"
#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "http/message/client_network.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

const db::Command<TenantId, std::string, db::Secret<std::string>, std::string, std::string, std::string,
                  std::string, Time, Time>
    insert{"web_login.insert",
           "INSERT INTO web_logins (tenant_id, public_id, secret_hash, format, repository, address, client, "
           "                        created_at, expires_at) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

const db::Query<std::int64_t, TenantId, Time, std::int64_t> count_of_tenant{
    "web_login.count_of_tenant",
    "SELECT count(*) FROM (SELECT 1 FROM web_logins WHERE tenant_id = $1 AND expires_at > $2 LIMIT $3) "
    "AS counted"};

const db::Query<std::int64_t, std::string, Time, std::int64_t> count_of_client{
    "web_login.count_of_client",
    "SELECT count(*) FROM (SELECT 1 FROM web_logins WHERE client = $1 AND expires_at > $2 LIMIT $3) "
    "AS counted"};

const db::Query<WebLogin, TenantId, std::string, Time> find_open{
    "web_login.find",
    "SELECT public_id, secret_hash, format, repository, address, client, created_at, expires_at, user_id, "
    "       confirmed_at "
    "FROM web_logins WHERE tenant_id = $1 AND public_id = $2 AND expires_at > $3"};

struct FoundWebLogin : WebLogin {
    TenantId tenant_id;
};
BOOST_DESCRIBE_STRUCT(FoundWebLogin, (WebLogin), (tenant_id))
const db::Query<FoundWebLogin, std::string> find_by_public_id{
    "web_login.find_by_public_id",
    "SELECT public_id, secret_hash, format, repository, address, client, created_at, expires_at, user_id, "
    "       confirmed_at, tenant_id "
    "FROM web_logins WHERE public_id = $1"};

const db::Command<TenantId, std::string, UserId, Time> confirm{
    "web_login.confirm",
    "UPDATE web_logins SET user_id = $3, confirmed_at = $4 "
    "WHERE tenant_id = $1 AND public_id = $2 AND user_id IS NULL AND expires_at > $4"};

const db::Command<TenantId, std::string, UserId, Time> take{
    "web_login.take",
    "DELETE FROM web_logins WHERE tenant_id = $1 AND public_id = $2 AND user_id = $3 AND expires_at > $4"};

const db::Command<TenantId, std::string> drop{
    "web_login.drop", "DELETE FROM web_logins WHERE tenant_id = $1 AND public_id = $2"};

const db::Command<TenantId, UserId> drop_of_user{
    "web_login.drop_of_user", "DELETE FROM web_logins WHERE tenant_id = $1 AND user_id = $2"};

const db::Command<Time, std::int64_t> purge{
    "web_login.purge",
    "DELETE FROM web_logins "
    "WHERE (tenant_id, public_id) IN (SELECT tenant_id, public_id FROM web_logins "
    "                                 WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};

std::optional<TokenText> parse_secret(std::string_view text) {
    std::optional<TokenText> token = parse_token(text);
    if (token && token->kind != TokenKind::web_login) token.reset();
    return token;
}

std::optional<FoundWebLogin> find_anywhere(Tx& tx, std::string_view text, const KeyedHash& hasher) {
    const std::optional<TokenText> token = parse_secret(text);
    if (!token) return std::nullopt;
    std::optional<FoundWebLogin> found = tx.maybe(find_by_public_id, token->public_id);
    if (!found || !hasher.is_match(*token, found->secret_hash.value)) return std::nullopt;
    return found;
}

}  // namespace

IssuedWebLogin insert_web_login(Tx& tx, const TenantId& tenant, const NewWebLogin& wanted,
                                const TokenMint& mint) {
    const std::string client = http::client_of(wanted.address);
    const std::int64_t of_client =
        tx.one(count_of_client, client, tx.now(), limits::open_web_logins_of_client);
    const std::int64_t of_tenant =
        tx.one(count_of_tenant, tenant, tx.now(), limits::open_web_logins_of_tenant);
    if (of_client >= limits::open_web_logins_of_client || of_tenant >= limits::open_web_logins_of_tenant)
        throw Problem(problems::too_many_requests,
                      "Too many logins by a page are under way; confirm one that you have begun, or try "
                      "again in some minutes.");
    // So the table holds no more than what is open, however many come.
    tx.send(purge, tx.now(), limits::open_web_logins_of_client);
    MintedToken minted = mint.mint(TokenKind::web_login);
    tx.send(insert, tenant, minted.public_id, db::Secret<std::string>{minted.hash}, wanted.format,
            wanted.repository, wanted.address, client, tx.now(), tx.now() + limits::web_login_lifetime);
    return {.public_id = std::move(minted.public_id), .text = std::move(minted.text)};
}

std::optional<WebLogin> find_web_login(Tx& tx, const TenantId& tenant, std::string_view public_id) {
    return tx.maybe(find_open, tenant, std::string(public_id), tx.now());
}

std::optional<WebLogin> find_web_login_by_text(Tx& tx, const TenantId& tenant, std::string_view text,
                                               const KeyedHash& hasher) {
    const std::optional<TokenText> token = parse_secret(text);
    if (!token) return std::nullopt;
    std::optional<WebLogin> found = find_web_login(tx, tenant, token->public_id);
    if (!found || !hasher.is_match(*token, found->secret_hash.value)) return std::nullopt;
    return found;
}

// The entry says where it was asked: who was talked into it finds out there by whom.
bool confirm_web_login(Tx& tx, const TenantId& tenant, const WebLogin& login, const UserId& user) {
    if (tx.run(confirm, tenant, login.public_id, user, tx.now()) != 1) return false;
    std::string details = "{\"format\":";
    append_json_string(details, login.format);
    details += ",\"repository\":";
    append_json_string(details, login.repository);
    details += ",\"asked_from\":";
    append_json_string(details, login.address);
    tx.record({.action = "web_login.confirm",
               .tenant = tenant.text(),
               .subject = user.text(),
               .details = details + '}'});
    return true;
}

bool take_web_login(Tx& tx, const TenantId& tenant, std::string_view public_id, const UserId& user) {
    return tx.run(take, tenant, std::string(public_id), user, tx.now()) == 1;
}

void drop_web_logins_of_user(Tx& tx, const TenantId& tenant, const UserId& user) {
    tx.send(drop_of_user, tenant, user);
}

bool drop_leaked_web_login(Tx& tx, std::string_view text, const KeyedHash& hasher) {
    const auto found = find_anywhere(tx, text, hasher);
    return found && tx.run(drop, found->tenant_id, found->public_id) == 1;
}

bool is_web_login_text(Tx& tx, std::string_view text, const KeyedHash& hasher) {
    return find_anywhere(tx, text, hasher).has_value();
}

std::int64_t purge_web_logins(Tx& tx, Time deadline) {
    return tx.run(purge, deadline, limits::purge_rows);
}

}  // namespace lodestone::identity
