// Sessions: somebody signed in, on one device. A session has one access token at a time, which lives for
// minutes, and a family of refresh tokens, each used once to get the next and a new access token.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/page.hpp"
#include "db/secret.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

// How somebody showed who they are.
enum class SignInMethod : std::uint8_t { password, provider, invitation, registration, reset_link };
BOOST_DESCRIBE_ENUM(SignInMethod, password, provider, invitation, registration, reset_link)

struct Session {
    SessionId id;
    UserId user_id;
    std::string public_id;  // of the access token that it has now
    db::Secret<std::string> access_hash;
    Time access_expires_at{};
    SignInMethod method = SignInMethod::password;
    bool has_second_factor = false;
    std::string address;  // from where it was used last, as Peer::address holds it
    std::string agent;    // what the client calls itself; not to be believed
    Time created_at{};
    Time last_active_at{};  // when it was refreshed last
    Time expires_at{};      // unless it is refreshed before
    std::optional<Time> revoked_at;
    std::optional<std::string> revoked_reason;

    bool operator==(const Session&) const = default;

    // Whether its access token is good; its hash is still to be compared.
    bool is_live(Time now) const { return !revoked_at && now < access_expires_at && now < expires_at; }
};
BOOST_DESCRIBE_STRUCT(Session, (),
                      (id, user_id, public_id, access_hash, access_expires_at, method, has_second_factor,
                       address, agent, created_at, last_active_at, expires_at, revoked_at, revoked_reason))

void insert_session(db::Tx& tx, const TenantId& tenant, const Session& session);
std::optional<Session> find_session(db::Tx& tx, const TenantId& tenant, const SessionId& id);
// Whose a shown token is, only its text can tell. One statement; the hash is still to be compared.
struct FoundSession : Session {
    TenantId tenant_id;
};
BOOST_DESCRIBE_STRUCT(FoundSession, (Session), (tenant_id))
std::optional<FoundSession> find_session_by_public_id(db::Tx& tx, std::string_view public_id);

// Filter: method. Sort: -created_at. What has ended is listed until it is purged.
db::Page<Session> list_sessions(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                const db::ListRequest& request);

// Whether the user has signed in from there lately: from this address, or of IPv6 from its network.
bool is_familiar(db::Tx& tx, const TenantId& tenant, const UserId& user, std::string_view address);

// A new access token, and what else a refresh changes: address, agent, last_active_at, expires_at. False when
// the session has been revoked meanwhile. `replaced`: the public id of the token that it had.
bool renew_session(db::Tx& tx, const TenantId& tenant, const Session& session, std::string_view replaced);
// The second factor was shown later than the password.
void note_second_factor(db::Tx& tx, const TenantId& tenant, const SessionId& id);

// At once and for good. Of one that is revoked already nothing changes; not_found when it is not there, or is
// another user's.
Session revoke_session(db::Tx& tx, const TenantId& tenant, const UserId& user, const SessionId& id,
                       std::string_view reason);
// All of a user's, but for `kept`; answers how many.
std::int64_t revoke_sessions_of_user(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                     std::string_view reason, const std::optional<SessionId>& kept = {});

// Removes what ended before `deadline`, with its refresh tokens, a bounded number at a time; answers how
// many.
std::int64_t purge_sessions(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
