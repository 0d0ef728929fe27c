// Refreshing: one unit that spends the old token and makes the new ones, or ends the family.
#include "identity/sign_in/refresh.hpp"

#include <algorithm>
#include <chrono>

#include "identity/nouns/refresh_token.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

// A client that lost an answer asks again within its own time-out; a thief rarely comes that soon.
constexpr std::chrono::seconds grace{10};

Problem make_refresh_problem() {
    return Problem(problems::unauthenticated, "This session has ended; sign in again.")
        .with_header("WWW-Authenticate", "Bearer");
}

struct Shown {
    FoundRefreshToken token;
    Session session;
    KnownAccount known;
};

// What the text leads to, if all of it is still alive.
std::optional<Shown> find_shown(Tx& tx, std::string_view text, const KeyedHash& hasher) {
    const std::optional<TokenText> token = parse_token(text);
    if (!token || token->kind != TokenKind::refresh) return std::nullopt;
    const auto found = find_refresh_token_by_public_id(tx, token->public_id);
    if (!found || !hasher.is_match(*token, found->secret_hash.value) || found->expires_at <= tx.now())
        return std::nullopt;
    const auto session = find_session(tx, found->tenant_id, found->session_id);
    if (!session || session->revoked_at) return std::nullopt;
    auto known = find_account(tx, found->tenant_id, session->user_id);
    if (!known) return std::nullopt;
    return Shown{.token = *found, .session = *session, .known = *std::move(known)};
}

// Whether this refresh goes on. If not, the family has ended.
bool spend_or_end(Tx& tx, const Shown& shown) {
    const TenantId& tenant = shown.token.tenant_id;
    if (!shown.token.used_at && spend_refresh_token(tx, tenant, shown.token.id)) return true;
    const bool is_fresh = shown.token.used_at && tx.now() - *shown.token.used_at < grace;
    if (is_fresh && replace_successors(tx, tenant, shown.token.id) > 0) return true;
    revoke_session(tx, tenant, shown.session.user_id, shown.session.id, "a refresh token was used twice");
    tx.record({.action = "session.reuse",
               .tenant = tenant.text(),
               .subject = shown.session.id.text(),
               .details = "{}",
               .result = db::ActionResult::refused});
    return false;
}

SignedIn renew(Tx& tx, const Shown& shown, const Visitor& visitor, const TokenMint& mint) {
    const SessionLifetimes& lifetimes = shown.known.settings.session;
    const TenantId& tenant = shown.token.tenant_id;
    MintedToken access = mint.mint(TokenKind::session);
    MintedToken refresh = mint.mint(TokenKind::refresh);
    SignedIn renewed;
    renewed.tenant = tenant;
    Session& session = renewed.session = shown.session;
    session.public_id = access.public_id;
    session.access_hash.value = access.hash;
    session.address = visitor.address;
    session.agent = visitor.agent;
    session.last_active_at = tx.now();
    session.expires_at = std::min<Time>(tx.now() + lifetimes.refresh, session.created_at + lifetimes.longest);
    session.access_expires_at = std::min<Time>(tx.now() + lifetimes.access, session.expires_at);
    renew_session(tx, tenant, session, shown.session.public_id);

    RefreshToken next;
    next.id = mint.make_id<RefreshTokenId>();
    next.session_id = session.id;
    next.public_id = refresh.public_id;
    next.secret_hash.value = refresh.hash;
    next.created_at = tx.now();
    next.expires_at = session.expires_at;
    next.rotated_from = shown.token.id;
    insert_refresh_token(tx, tenant, next);

    renewed.access_text = std::move(access.text);
    renewed.refresh_text = std::move(refresh.text);
    renewed.duties = shown.known.find_duties(session, tx.now());
    return renewed;
}

}  // namespace

Task<SignedIn> refresh_session(Vault& vault, db::Database& database, std::string refresh_text,
                               Visitor visitor, db::Unit unit) {
    // Whoever sends what is none of ours makes nobody wait for the database's one writer.
    auto look = [&](Tx& tx) { return find_shown(tx, refresh_text, vault.hasher).has_value(); };
    const bool is_ours = co_await database.read(unit, look);
    if (!is_ours) throw make_refresh_problem();
    auto run = [&](Tx& tx) -> std::optional<SignedIn> {
        const std::optional<Shown> shown = find_shown(tx, refresh_text, vault.hasher);
        if (!shown) return std::nullopt;
        check_usable(shown->known.account);
        check_method(shown->known.settings, shown->session.method);
        check_address(tx, shown->token.tenant_id, visitor.address);
        if (!spend_or_end(tx, *shown)) return std::nullopt;
        return renew(tx, *shown, visitor, vault.mint);
    };
    // Committed also when it is refused: the end of a family must not be lost with the refusal.
    std::optional<SignedIn> renewed = co_await database.write(std::move(unit), run);
    if (!renewed) throw make_refresh_problem();
    co_return *std::move(renewed);
}

Task<> sign_out(Vault& vault, db::Database& database, std::string text, db::Unit unit) {
    const std::optional<TokenText> token = parse_token(text);
    if (!token) co_return;
    struct Opened {
        TenantId tenant;
        UserId user;
        SessionId id;
    };
    auto look = [&](Tx& tx) -> std::optional<Opened> {
        if (const auto shown = find_shown(tx, text, vault.hasher))
            return Opened{shown->token.tenant_id, shown->session.user_id, shown->session.id};
        if (token->kind != TokenKind::session) return std::nullopt;
        const auto session = find_session_by_public_id(tx, token->public_id);
        if (!session || !vault.hasher.is_match(*token, session->access_hash.value)) return std::nullopt;
        return Opened{session->tenant_id, session->user_id, session->id};
    };
    const std::optional<Opened> opened = co_await database.read(unit, look);
    if (!opened) co_return;
    auto run = [&](Tx& tx) { revoke_session(tx, opened->tenant, opened->user, opened->id, "signed out"); };
    co_await database.write(std::move(unit), run);
}

}  // namespace lodestone::identity
