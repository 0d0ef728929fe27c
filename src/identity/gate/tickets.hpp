// What tickets are worth. A client that shows its key to get one (secrets/ticket.hpp) may do with it what the
// key may do *and* the ticket names, until either ends: it is the key that is looked up whenever a ticket is
// shown, so what makes the key worthless makes its tickets so, and its networks, origins and paces hold for
// them. A ticket of nobody gives what strangers have.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "identity/gate/principal_records.hpp"
#include "identity/rules/principal.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "identity/secrets/ticket.hpp"

namespace lodestone::identity {

struct IssuedTicket {
    std::string text;
    Time issued{};
    Time expires{};
};

// For whoever this is, good for `scopes` at most; none: for what strangers have. What the principal may not
// do is for the caller to leave out, and for the gate to refuse. The operator's is a ticket of nobody.
//
// Throws Problem(forbidden) for who shows a ticket, Problem(invalid_input) for scopes that name anything but
// packages and repositories, or say more than fits into one.
IssuedTicket issue_ticket(const KeyedHash& hasher, const Principal& principal,
                          const std::vector<Scope>& scopes, Time now);

// The credential behind a ticket, less what the ticket takes away. Null when it is not the one that the
// ticket is of.
std::shared_ptr<const KnownCredential> cut_to_ticket(const KnownCredential& known, const Ticket& ticket);

}  // namespace lodestone::identity
