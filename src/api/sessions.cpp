// Sessions over HTTP: listed and ended; they begin by signing in (sign_in.cpp).
#include "api/sessions.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "identity/nouns/session.hpp"

namespace lodestone::api {

using identity::SessionId;
using identity::UserId;

struct SessionView {
    SessionId id;
    UserId user_id;
    identity::SignInMethod method{};
    bool has_second_factor = false;
    std::string address;
    std::string agent;
    Time created_at;
    Time last_active_at;
    Time expires_at;
    std::optional<Time> revoked_at;
    std::optional<std::string> revoked_reason;
};
BOOST_DESCRIBE_STRUCT(SessionView, (),
                      (id, user_id, method, has_second_factor, address, agent, created_at, last_active_at,
                       expires_at, revoked_at, revoked_reason))

struct SessionFilters {
    static constexpr std::array<std::string_view, 1> sorts{"-created_at"};
    std::optional<identity::SignInMethod> method;
};
BOOST_DESCRIBE_STRUCT(SessionFilters, (), (method))

namespace {

using db::Tx;

// Where the call's session is.
struct Place {
    TenantId tenant;
    UserId user;
    SessionId id;

    explicit Place(const Call& call)
        : tenant(call.id<TenantId>("tenant")),
          user(call.id<UserId>("user")),
          id(call.id<SessionId>("session")) {}
    std::optional<identity::Session> operator()(Tx& tx) const {
        auto found = identity::find_session(tx, tenant, id);
        if (found && found->user_id != user) return std::nullopt;
        return found;
    }
};

Task<Listed<SessionView>> list_sessions(Call& call, ListQuery<SessionFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    auto list = [&](Tx& tx) { return identity::list_sessions(tx, tenant, user, query.request); };
    co_return co_await list_found<SessionView>(call, list);
}

Task<Shown<SessionView>> show_session(Call& call) {
    const Place place(call);
    co_return co_await show_found<SessionView>(call, "session", place.id.text(), place);
}

Task<Shown<SessionView>> revoke_session(Call& call) {
    const Place place(call);
    auto revoke = [&](Tx& tx) {
        return make_view<SessionView>(
            identity::revoke_session(tx, place.tenant, place.user, place.id, "Ended over the API."));
    };
    Shown<SessionView> shown{co_await call.write(revoke)};
    co_return shown;
}

// Everywhere: also the session that asks.
Task<Done> revoke_sessions(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    auto revoke = [&](Tx& tx) { identity::revoke_sessions_of_user(tx, tenant, user, "Ended over the API."); };
    co_await call.write(revoke);
    co_return Done{};
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_sessions>(get, "/api/v1/tenants/{tenant}/users/{user}/sessions", of_user("session:list"),
                            "listSessions", "Lists where a user is, or was, signed in."),
    endpoint<revoke_sessions>(del, "/api/v1/tenants/{tenant}/users/{user}/sessions",
                              of_user("session:revoke"), "revokeSessions", "Signs a user out everywhere."),
    endpoint<show_session>(get, "/api/v1/tenants/{tenant}/users/{user}/sessions/{session}",
                           of_user("session:read", "session"), "showSession", "Shows a session."),
    endpoint<revoke_session>(post, "/api/v1/tenants/{tenant}/users/{user}/sessions/{session}/revoke",
                             of_user("session:revoke", "session"), "revokeSession",
                             "Ends a session, at once and for good."),
};

}  // namespace

std::span<const Endpoint> session_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
