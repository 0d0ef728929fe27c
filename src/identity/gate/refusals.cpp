// The gate's refusals, in words.
#include "identity/gate/refusals.hpp"

#include <algorithm>

#include "base/access_problems.hpp"
#include "http/message/network.hpp"

namespace lodestone::identity {

namespace {

constexpr const char* challenge = "Bearer realm=\"lodestone\"";
constexpr const char* invalid_challenge = "Bearer realm=\"lodestone\", error=\"invalid_token\"";
constexpr const char* scope_challenge = "Bearer realm=\"lodestone\", error=\"insufficient_scope\"";

Problem refuse_credential(const char* detail) {
    return Problem(problems::unauthenticated, detail).with_header("WWW-Authenticate", invalid_challenge);
}

}  // namespace

Problem unauthenticated() {
    return Problem(problems::unauthenticated, "Sign in, or send a key.")
        .with_header("WWW-Authenticate", challenge);
}

Problem invalid_credential() {
    return refuse_credential("That key or session is none of ours: check that it is whole.");
}

Problem expired_ticket() {
    return refuse_credential("The ticket has expired; get another one.");
}

Problem contradictory_credentials() {
    return Problem(problems::malformed_request, "The request shows two keys that differ; send one.");
}

// RFC 6750 §3: who sent no token is not told that it is invalid.
Problem not_the_operator(bool has_shown_something) {
    if (has_shown_something) return refuse_credential("That is not the operator's token of this server.");
    return Problem(problems::unauthenticated,
                   "This is for the operator of the server: send the operator's token as a Bearer token.")
        .with_header("WWW-Authenticate", challenge);
}

Problem cannot_tell() {
    return Problem(problems::unavailable,
                   "Nobody can tell at the moment whose key that is; try again in a moment.")
        .with_header("Retry-After", "5");
}

Problem refusal(const Decision& decision, const Principal& principal) {
    // Signing in would not help.
    if (decision.rule == rules::address) return Problem(problems::address_not_allowed, decision.reason);
    if (principal.is_anonymous()) return unauthenticated();
    if (decision.is_hidden) return Problem(problems::not_found, "There is nothing at this address.");
    if (decision.rule == rules::password) return Problem(problems::password_change_required, decision.reason);
    if (decision.rule == rules::second_factor)
        return Problem(problems::second_factor_required, decision.reason);
    Problem refused(problems::forbidden, decision.reason);
    if (decision.rule == rules::ticket_scope)  // RFC 6750 §3.1: another ticket might do
        return std::move(refused).with_header("WWW-Authenticate", scope_challenge);
    return refused;
}

Problem too_many(const KnownCredential::NamedPace& exceeded, std::chrono::seconds wait) {
    return Problem(problems::too_many_requests, "Too many requests for " + std::string(exceeded.whose) +
                                                    ": wait, or have its limit raised.")
        .with_header("Retry-After", std::to_string(wait.count()));
}

std::optional<Problem> find_fault(const KnownCredential& known, Time now, std::string_view peer,
                                  std::string_view origin) {
    switch (known.standing) {
        case Standing::good: break;
        case Standing::revoked:
            return refuse_credential("It was revoked or ended; sign in again, or use another key.");
        case Standing::gone: return refuse_credential("Whose it was is not there any more.");
        case Standing::tenant_suspended:
            return Problem(problems::forbidden, "Your tenant is suspended; ask whoever runs this server.");
        case Standing::user_suspended:
            return Problem(problems::forbidden, "You are suspended; ask an administrator of your tenant.");
        case Standing::app_suspended:
            return Problem(problems::forbidden,
                           "The app of this key is disabled; ask an administrator of your tenant.");
        case Standing::method_refused:
            return Problem(problems::forbidden,
                           "Your organisation lets nobody in this way (settings.allowed_auth_methods).");
        case Standing::broken:
            return Problem(problems::forbidden, "What this key is good for cannot be read; make another one.")
                .with_internal("the scopes or networks of key " +
                               known.principal->key.value_or(KeyId{}).text() + " cannot be read");
    }
    if (now >= known.expires_at)
        return refuse_credential("It has expired; sign in again, or use another key.");
    if (!known.networks.empty() && !http::is_in_networks(peer, known.networks))
        return Problem(problems::forbidden, "This key may not be used from your address.");
    // Browsers say from which page they come; nothing else has to.
    if (!known.origins.empty() && !origin.empty() && std::ranges::count(known.origins, origin) == 0)
        return Problem(problems::forbidden,
                       "This key may not be used by that web page (its app's config.allowed_origins).");
    return std::nullopt;
}

}  // namespace lodestone::identity
