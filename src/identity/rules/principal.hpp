// Who is asking: made once for each request by the gate, from what the request shows, and carried with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "identity/rules/ids.hpp"
#include "identity/rules/scope.hpp"

namespace lodestone::identity {

struct Rights;  // rules/rights.hpp: what roles and policies give

enum class PrincipalKind : std::uint8_t {
    anonymous,  // showed nothing
    person,     // a user: by a session or by a key of the user's own
    app,        // a robot: by a key that belongs to an app
    publisher,  // a pipeline: by a short-lived token of trusted publishing
    operators,  // whoever runs this server: by the operator's token
};

// What limits a key besides its scopes.
struct KeyTerms {
    std::vector<std::string> networks;  // from where it is good; none: from everywhere
    Time expires_at{};
    bool is_for_tests = false;
};

struct Principal {
    PrincipalKind kind = PrincipalKind::anonymous;
    TenantId tenant;                   // of the person, app or publisher
    UserId user;                       // of a person
    AppId app;                         // of an app or publisher
    std::optional<KeyId> key;          // what was shown, if it was a key
    KeyTerms key_terms;                // … whose terms are these
    std::optional<SessionId> session;  // … or a session
    std::string public_id;             // … and how its text names it
    std::string name;                  // for people and logs: user name or key name
    bool is_platform_admin = false;
    bool has_second_factor = false;
    bool must_change_password = false;    // may do nothing else before
    bool must_add_second_factor = false;  // the tenant asks for one, and this session has shown none
    // Absent: everything that the person or app may do.
    std::optional<std::vector<Scope>> scopes;
    // Likewise, by the app that a key belongs to.
    std::optional<std::vector<Scope>> app_scopes;
    // Likewise, by the ticket that was shown in place of the key or session; present when one was.
    std::optional<std::vector<Scope>> ticket_scopes;
    std::shared_ptr<const Rights> rights;  // null for anonymous and operators

    bool is_anonymous() const { return kind == PrincipalKind::anonymous; }
    // Who the audit log says it was: the user's or key's id, "anonymous", "operator".
    std::string actor() const;
};

}  // namespace lodestone::identity
