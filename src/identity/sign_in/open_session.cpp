// A new session with its first pair of tokens.
#include "identity/sign_in/open_session.hpp"

#include <algorithm>

#include "identity/nouns/refresh_token.hpp"
#include "identity/nouns/tenant_settings.hpp"

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

    if (!parse_tenant_config(known.account.config).security.allow_concurrent_sessions)
        revoke_sessions_of_user(tx, tenant, session.user_id, "signed in elsewhere", session.id);
    opened.access_text = std::move(access.text);
    opened.refresh_text = std::move(refresh.text);
    opened.duties = known.find_duties(session, tx.now());
    return opened;
}

}  // namespace lodestone::identity
