// Reset links in the database.
#include "identity/nouns/reset_link.hpp"

#include "base/limits.hpp"
#include "db/noun.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

const db::Query<FoundResetLink, std::string> find_by_public_id{
    "reset_link.find_by_public_id",
    "SELECT id, user_id, public_id, secret_hash, created_at, created_by, expires_at, used_at, tenant_id "
    "FROM reset_links WHERE public_id = $1"};

// Touches nothing when the user is not there.
const db::Command<TenantId, ResetLinkId, UserId, std::string, db::Secret<std::string>, Time, std::string,
                  Time>
    insert{
        "reset_link.insert",
        "INSERT INTO reset_links (tenant_id, id, user_id, public_id, secret_hash, created_at, created_by, "
        "                         expires_at) "
        "SELECT $1, $2, $3, $4, $5, $6, $7, $8 "
        "WHERE EXISTS (SELECT 1 FROM users WHERE tenant_id = $1 AND users.id = $3 AND deleted_at IS NULL)"};

const db::Command<TenantId, ResetLinkId, Time> spend{
    "reset_link.spend",
    "UPDATE reset_links SET used_at = $3 "
    "WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL AND expires_at > $3"};

const db::Command<TenantId, UserId, Time> spend_all{
    "reset_link.spend_all",
    "UPDATE reset_links SET used_at = $3 WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL"};

const db::Query<ResetLinkId, Time, std::int64_t> purge{
    "reset_link.purge",
    "DELETE FROM reset_links WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM reset_links "
    "                                                  WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) "
    "RETURNING id"};

}  // namespace

IssuedResetLink create_reset_link(Tx& tx, const TenantId& tenant, const UserId& user, const TokenMint& mint) {
    close_reset_links(tx, tenant, user);
    MintedToken minted = mint.mint(TokenKind::reset_link);
    ResetLink link;
    link.id = mint.make_id<ResetLinkId>();
    link.user_id = user;
    link.public_id = minted.public_id;
    link.secret_hash.value = minted.hash;
    link.created_at = tx.now();
    link.created_by = tx.unit().actor;
    link.expires_at = tx.now() + limits::reset_link_lifetime;
    const std::int64_t inserted = tx.run(insert, tenant, link.id, user, link.public_id, link.secret_hash,
                                         link.created_at, link.created_by, link.expires_at);
    if (inserted == 0) db::refuse_absent("user", user.text());
    tx.record({.action = "user.reset_link_create",
               .tenant = tenant.text(),
               .subject = user.text(),
               .details = "{}"});
    return {.link = std::move(link), .text = std::move(minted.text)};
}

std::optional<FoundResetLink> find_reset_link_by_text(Tx& tx, std::string_view text,
                                                      const KeyedHash& hasher) {
    const std::optional<TokenText> token = parse_token(text);
    if (!token || token->kind != TokenKind::reset_link) return std::nullopt;
    std::optional<FoundResetLink> found = tx.maybe(find_by_public_id, token->public_id);
    if (!found || !hasher.is_match(*token, found->secret_hash.value)) return std::nullopt;
    return found;
}

bool spend_reset_link(Tx& tx, const TenantId& tenant, const ResetLinkId& id) {
    return tx.run(spend, tenant, id, tx.now()) == 1;
}

void close_reset_links(Tx& tx, const TenantId& tenant, const UserId& user) {
    tx.send(spend_all, tenant, user, tx.now());
}

std::int64_t purge_reset_links(Tx& tx, Time deadline) {
    return static_cast<std::int64_t>(tx.all(purge, deadline, limits::purge_rows).size());
}

}  // namespace lodestone::identity
