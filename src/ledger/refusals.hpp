// What came to nothing, for the audit log: refused by the gate, or allowed and ended by a fault, so that its
// own entry was undone with it. Whoever asks chooses how often: so equal ones of a minute become one entry
// with a number, and of different ones only so many are told apart. Writing them is the server's maintenance,
// a moment later, when the fault may be over; a process that is killed takes the last minute's with it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "db/database.hpp"
#include "ledger/audit_entry.hpp"

namespace lodestone::ledger {

struct Refusal {
    std::optional<TenantId> tenant;  // in whose log it stands
    std::string actor = "anonymous";
    std::optional<TenantId> actor_tenant;
    std::string address;
    std::string agent;
    std::optional<std::string> key;      // its id
    std::optional<std::string> session;  // its id
    std::string request_id;
    std::string permission;  // what it would have taken: "package:publish"; empty where nobody got that far
    std::string resource;    // "repository:acme-npm"
    int status = 403;
    std::string reason;  // the rule, why the credentials were none, or the kind of fault; never a secret
    db::ActionResult result = db::ActionResult::refused;  // or failed
};

class RefusalRecorder {
  public:
    explicit RefusalRecorder(Context& context) : context_(context) {}

    // From any thread; quick, and never an error.
    void note(const Refusal& refusal);

    // Writes what was noted; what cannot be written now stays for the next time. Throws what the database
    // throws. Answers how many entries that made.
    std::size_t flush(db::Database& database);

  private:
    struct Count {
        Refusal first;  // the first of its kind, as an example
        std::uint64_t times = 0;
        Time since{};
        Time until{};
    };
    using Counts = std::map<std::string, Count, std::less<>>;

    void add(const std::string& kind, const Count& count);
    Counts take();
    static AuditEntry make_entry(const Count& count);

    Context& context_;
    std::mutex mutex_;
    Counts counts_;
};

}  // namespace lodestone::ledger
