// Whether the audit log is what was written: every entry with its number, unchanged, none missing, none that
// nobody numbered. In steps of a page each, so that a log of any length takes no memory and holds up nobody:
//
//     AuditCheck check = begin_audit_check(tx);
//     while (!check.is_done) check = read([&](Tx& tx) { return continue_audit_check(tx, std::move(check));
//     });
//
// What it cannot see: a log whose end was cut off and its head set back to fit, or that was written anew from
// the start. Whoever keeps heads somewhere else can: they are given as `expected`. And an entry that was
// removed, with what waits in audit_pending for its number, in the moment before it had one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ledger/chain.hpp"

namespace lodestone::ledger {

enum class AuditFaultKind : std::uint8_t {
    changed,   // an entry is not what was numbered
    removed,   // a number, or the entry that had it, is gone
    inserted,  // an entry that no unit of work wrote
    broken,    // the chain itself was changed
};
BOOST_DESCRIBE_ENUM(AuditFaultKind, changed, removed, inserted, broken)

struct AuditFault {
    AuditFaultKind kind{};
    std::int64_t sequence = 0;  // zero: it has none
    std::string entry;          // its id; empty when it is not known
    std::string sentence;

    bool operator==(const AuditFault&) const = default;
};

struct KnownHead {
    std::int64_t sequence = 0;
    std::string head;
};

struct AuditCheck {
    bool is_done = false;
    std::int64_t checked = 0;  // entries
    std::int64_t pending = 0;  // entries without a number yet
    ChainHead end;             // what the log said of itself at the start
    // The first limits::audit_faults; of more only the number.
    std::vector<AuditFault> faults;
    std::int64_t fault_count = 0;

    // Where the walk is: first along the chain, then along the entries.
    enum class Stage : std::uint8_t { chain, entries } stage = Stage::chain;
    ChainLink last;
    AuditId last_entry;
    std::optional<KnownHead> expected;
};

AuditCheck begin_audit_check(db::Tx& tx, std::optional<KnownHead> expected = {});
AuditCheck continue_audit_check(db::Tx& tx, AuditCheck check);

}  // namespace lodestone::ledger
