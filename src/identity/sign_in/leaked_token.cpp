// Revoking what leaked, by its kind. The public id alone, which lists and logs show, revokes nothing.
#include "identity/sign_in/leaked_token.hpp"

#include "identity/nouns/invitation.hpp"
#include "identity/nouns/key.hpp"
#include "identity/nouns/refresh_token.hpp"
#include "identity/nouns/reset_link.hpp"
#include "identity/nouns/session.hpp"
#include "identity/nouns/web_login.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

constexpr std::string_view reason = "reported as leaked";

bool revoke_session_of(Tx& tx, const TokenText& token, const KeyedHash& hasher) {
    const auto session = find_session_by_public_id(tx, token.public_id);
    if (!session || !hasher.is_match(token, session->access_hash.value)) return false;
    revoke_session(tx, session->tenant_id, session->user_id, session->id, reason);
    return true;
}

bool revoke_refresh_of(Tx& tx, const TokenText& token, const KeyedHash& hasher) {
    const auto found = find_refresh_token_by_public_id(tx, token.public_id);
    if (!found || !hasher.is_match(token, found->secret_hash.value)) return false;
    const auto session = find_session(tx, found->tenant_id, found->session_id);
    if (session) revoke_session(tx, found->tenant_id, session->user_id, session->id, reason);
    return true;
}

bool revoke_invitation_of(Tx& tx, std::string_view text, const KeyedHash& hasher) {
    const auto invitation = find_invitation_by_text(tx, text, hasher);
    if (!invitation) return false;
    if (invitation->is_open(tx.now())) revoke_invitation(tx, invitation->tenant_id, invitation->id);
    return true;
}

bool close_link_of(Tx& tx, std::string_view text, const KeyedHash& hasher) {
    const auto link = find_reset_link_by_text(tx, text, hasher);
    if (!link) return false;
    close_reset_links(tx, link->tenant_id, link->user_id);
    return true;
}

// Whether the text, secret and all, is one that we gave.
bool is_ours(Tx& tx, const TokenText& token, std::string_view text, const KeyedHash& hasher) {
    const auto fits = [&](const auto& found, const auto& hash) {
        return found && hasher.is_match(token, hash(*found));
    };
    switch (token.kind) {
        case TokenKind::personal_key:
        case TokenKind::app_key:
        case TokenKind::publisher:
            return fits(find_key_by_public_id(tx, token.public_id),
                        [](const FoundKey& key) { return key.secret_hash.value; });
        case TokenKind::session:
            return fits(find_session_by_public_id(tx, token.public_id),
                        [](const FoundSession& session) { return session.access_hash.value; });
        case TokenKind::refresh:
            return fits(find_refresh_token_by_public_id(tx, token.public_id),
                        [](const auto& found) { return found.secret_hash.value; });
        case TokenKind::invitation: return find_invitation_by_text(tx, text, hasher).has_value();
        case TokenKind::reset_link: return find_reset_link_by_text(tx, text, hasher).has_value();
        case TokenKind::web_login: return is_web_login_text(tx, text, hasher);
    }
    return false;
}

bool revoke(Tx& tx, const TokenText& token, std::string_view text, const KeyedHash& hasher) {
    switch (token.kind) {
        case TokenKind::personal_key:
        case TokenKind::app_key:
        case TokenKind::publisher: return revoke_leaked_key(tx, text, hasher, reason).has_value();
        case TokenKind::session: return revoke_session_of(tx, token, hasher);
        case TokenKind::refresh: return revoke_refresh_of(tx, token, hasher);
        case TokenKind::invitation: return revoke_invitation_of(tx, text, hasher);
        case TokenKind::reset_link: return close_link_of(tx, text, hasher);
        case TokenKind::web_login: return drop_leaked_web_login(tx, text, hasher);
    }
    return false;
}

}  // namespace

Task<bool> revoke_leaked_token(Vault& vault, db::Database& database, std::string text, db::Unit unit) {
    const std::optional<TokenText> token = parse_token(text);
    if (!token) co_return false;
    // Whoever sends what is none of ours makes nobody wait for the database's one writer.
    auto look = [&](Tx& tx) { return is_ours(tx, *token, text, vault.hasher); };
    const bool is_known = co_await database.read(unit, look);
    if (!is_known) co_return false;
    auto run = [&](Tx& tx) { return revoke(tx, *token, text, vault.hasher); };
    co_return co_await database.write(std::move(unit), run);
}

}  // namespace lodestone::identity
