// The audit log as JSON lines, the oldest first: each line is an entry as it was hashed, with its number and
// hashes beside it. Page by page, so that a log of any length streams in constant memory.
#pragma once

#include <optional>
#include <string>

#include "db/tx.hpp"
#include "ledger/audit_entry.hpp"

namespace lodestone::ledger {

// Which entries, and behind which of them the next page begins.
struct ExportPlace {
    std::optional<TenantId> tenant;  // nothing: all tenants', and the installation's own
    Time since = Time::min();
    Time until = Time::max();  // not included
    AuditId after;             // of the entries at `since`, those behind this one

    bool is_done = false;
};

struct ExportPage {
    std::string lines;  // each ends with a newline
    ExportPlace next;   // is_done: that was all
};

// {"entry":{…},"sequence":7,"leaf":"…","head":"…"}; without a number yet, the last three are null.
ExportPage export_audit(db::Tx& tx, const ExportPlace& place);

}  // namespace lodestone::ledger
