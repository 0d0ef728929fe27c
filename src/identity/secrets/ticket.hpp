// Tickets: short-lived texts that a client gets for a key or session, or for nothing, and shows in its place,
// as container clients do. Nothing of them is stored. What they say, they say themselves, under a MAC of this
// installation; what they are worth is decided when they are shown (gate/tickets.hpp), by the credential
// behind them as it is then.
//
//   lst_ base62( MAC, 32 bytes ‖ what it says ) ‖ 6 characters, CRC32 of all before them
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "identity/secrets/token_text.hpp"

namespace lodestone::identity {

struct Ticket {
    std::string tenant;             // of the credential; empty without one
    std::optional<TokenKind> kind;  // of a key, a publisher's token or a session; none: of nobody
    std::string public_id;          // the credential's
    Time issued{};
    Time expires{};
    std::string scopes;  // as render_scopes() writes them; the rooms of secrets do not read them

    bool operator==(const Ticket&) const = default;
};

// Nothing when it would be longer than a credential may be (limits::credential_bytes).
std::optional<std::string> render_ticket(const Ticket& ticket, const KeyedHash& hasher);

bool is_ticket_text(std::string_view text);
// Nothing for whatever is not whole or was not made here; whether it has expired is for the caller to ask.
std::optional<Ticket> parse_ticket(std::string_view text, const KeyedHash& hasher);
// What a ticket says, without its MAC.
std::optional<Ticket> parse_ticket_body(std::string_view bytes);
std::string render_ticket_body(const Ticket& ticket);

}  // namespace lodestone::identity
