// A new session with its first pair of tokens.
#include "identity/sign_in/open_session.hpp"

#include <algorithm>

#include "identity/nouns/refresh_token.hpp"

namespace lodestone::identity {

SignedIn open_session(db::Tx& tx, const TenantId& tenant, const KnownAccount& known, const Opening& opening,
                      const TokenMint& mint) {
    const SessionLifetimes& lifetimes = known.settings.session;
    MintedToken access = mint.mint(TokenKind::session);
    MintedToken refresh = mint.mint(TokenKind::refresh);
    SignedIn opened;
    opened.tenant = tenant;
    Session& session = opened.session;
    session.id = mint.make_id<SessionId>();
    session.user_id = known.account.user_id;
    session.public_id = access.public_id;
    session.access_hash.value = access.hash;
    session.method = opening.method;
    session.has_second_factor = opening.has_second_factor;
    session.address = opening.visitor.address;
    session.agent = opening.visitor.agent;
    session.created_at = session.last_active_at = tx.now();
    session.expires_at = tx.now() + std::min(lifetimes.refresh, lifetimes.longest);
    session.access_expires_at = std::min<Time>(tx.now() + lifetimes.access, session.expires_at);
    insert_session(tx, tenant, session);

    RefreshToken token;
    token.id = mint.make_id<RefreshTokenId>();
    token.session_id = session.id;
    token.public_id = refresh.public_id;
    token.secret_hash.value = refresh.hash;
    token.created_at = tx.now();
    token.expires_at = session.expires_at;
    insert_refresh_token(tx, tenant, token);

    opened.access_text = std::move(access.text);
    opened.refresh_text = std::move(refresh.text);
    opened.must_change_password =
        known.credentials.must_change_password || known.is_password_expired(tx.now());
    opened.must_add_second_factor =
        known.settings.is_second_factor_required && !known.credentials.has_second_factor();
    return opened;
}

}  // namespace lodestone::identity
