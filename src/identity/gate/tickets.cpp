// Making tickets, and cutting credentials to them.
#include "identity/gate/tickets.hpp"

#include <algorithm>
#include <utility>

#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::identity {

namespace {

std::optional<TokenKind> kind_of(const Principal& principal) {
    switch (principal.kind) {
        case PrincipalKind::anonymous:
        case PrincipalKind::operators: return std::nullopt;
        case PrincipalKind::person: return principal.session ? TokenKind::session : TokenKind::personal_key;
        case PrincipalKind::app: return TokenKind::app_key;
        case PrincipalKind::publisher: return TokenKind::publisher;
    }
    return std::nullopt;
}

// Whoever gets hold of one must not be able to make of it what lasts.
void check_scopes(const std::vector<Scope>& scopes) {
    if (std::string fault = find_scope_fault(scopes); !fault.empty())
        throw Problem(problems::invalid_input, "The ticket's " + fault + ".");
    for (const Scope& scope : scopes)
        for (const std::string& action : scope.actions)
            if (type_of(action) != "package" && type_of(action) != "repository")
                throw Problem(
                    problems::invalid_input,
                    "A ticket is good for packages and repositories alone, not for " + action + ".");
}

}  // namespace

IssuedTicket issue_ticket(const KeyedHash& hasher, const Principal& principal,
                          const std::vector<Scope>& scopes, Time now) {
    if (principal.ticket_scopes)
        throw Problem(problems::forbidden,
                      "A ticket gives no other ticket: show the key that it was given for.");
    check_scopes(scopes);
    Ticket ticket{.issued = now, .expires = now + limits::ticket_lifetime, .scopes = render_scopes(scopes)};
    ticket.kind = kind_of(principal);
    if (ticket.kind) {
        ticket.tenant = principal.tenant.text();
        ticket.public_id = principal.public_id;
    }
    if (principal.key) ticket.expires = std::min(ticket.expires, principal.key_terms.expires_at);
    std::optional<std::string> text = render_ticket(ticket, hasher);
    if (!text)
        throw Problem(problems::invalid_input,
                      "The ticket's scopes are too long: ask for fewer things at once.");
    return {.text = *std::move(text), .issued = ticket.issued, .expires = ticket.expires};
}

std::shared_ptr<const KnownCredential> cut_to_ticket(const KnownCredential& known, const Ticket& ticket) {
    ParsedScopes parsed = parse_scopes(ticket.scopes);
    if (known.principal->tenant.text() != ticket.tenant || !parsed.fault.empty() || !parsed.scopes)
        return nullptr;
    Principal principal = *known.principal;
    principal.ticket_scopes = *std::move(parsed.scopes);
    KnownCredential cut = known;
    cut.ticket_expires_at = ticket.expires;
    cut.principal = std::make_shared<const Principal>(std::move(principal));
    return std::make_shared<const KnownCredential>(std::move(cut));
}

}  // namespace lodestone::identity
