// kill -9 while entries are written and numbered: the chain is whole each time, and what was acknowledged is
// in it.
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "ledger/audit.hpp"
#include "ledger/chain.hpp"
#include "ledger/verify.hpp"
#include "support/databases.hpp"

namespace lodestone::ledger {
namespace {

using db::Tx;

// A program of its own, with its own threads, on one file.
class LedgerProgram {
  public:
    explicit LedgerProgram(const std::string& folder)
        : log_({.level = LogLevel::off, .file = folder + "/log"}, clock_),
          database_(db::open_sqlite({.path = folder + "/lodestone.db"}, context_)) {
        database_.keep_records(make_record_keeper(context_));
    }
    ~LedgerProgram() { database_.engine().stop(); }
    LedgerProgram(const LedgerProgram&) = delete;
    LedgerProgram& operator=(const LedgerProgram&) = delete;

    db::Database& database() { return database_; }

    // Tells by a byte each time that three entries are durable.
    [[noreturn]] void rage(int acknowledged) {
        std::thread numbering([this] {
            for (;;) database_.write_now({}, sequence_entries);
        });
        for (;;) {
            database_.write_now({}, [](Tx& tx) {
                for (int i = 0; i < 3; ++i)
                    tx.record({.action = "thing.make", .tenant = "acme", .subject = "a", .details = "{}"});
            });
            if (::write(acknowledged, "x", 1) != 1) ::_exit(1);
        }
    }

    AuditCheck check() {
        AuditCheck found = database_.read_now({}, [](Tx& tx) { return begin_audit_check(tx); });
        while (!found.is_done)
            found = database_.read_now({}, [&](Tx& tx) { return continue_audit_check(tx, found); });
        return found;
    }

  private:
    SystemClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_;
    Context context_{clock_, random_, log_, metrics_, health_};
    db::Database database_;
};

// Forked while this process has one thread. Answers how many units were acknowledged before it was killed.
std::int64_t rage_and_kill(const std::string& folder, std::int64_t wanted) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) LedgerProgram(folder).rage(writing.value());
    writing.reset();
    std::int64_t acknowledged = 0;
    char byte = 0;
    while (acknowledged < wanted && ::read(reading.value(), &byte, 1) == 1) ++acknowledged;
    EXPECT_EQ(::kill(child, SIGKILL), 0);
    while (::read(reading.value(), &byte, 1) == 1) ++acknowledged;
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it was still at it";
    return acknowledged;
}

TEST(ChainCrash, LeavesAChainThatCanBeVerified) {
    const test::TempFolder folder;
    db::migrate_up(*db::open_sqlite_admin(folder / "lodestone.db"));
    std::int64_t acknowledged = 0;
    for (int round = 0; round < 20; ++round) {
        acknowledged += rage_and_kill(folder.path(), 1 + round * 7 % 40);
        LedgerProgram program(folder.path());
        const AuditCheck before = program.check();
        ASSERT_EQ(before.fault_count, 0) << "round " << round << ": " << before.faults.front().sentence;
        while (program.database().write_now({}, sequence_entries) != 0) {
        }
        const AuditCheck after = program.check();
        ASSERT_EQ(after.fault_count, 0) << "round " << round << ": " << after.faults.front().sentence;
        ASSERT_EQ(after.pending, 0);
        ASSERT_EQ(after.checked, after.end.sequence) << "numbers have no gaps";
        ASSERT_GE(after.checked, 3 * acknowledged) << "what was acknowledged is there";
    }
}

}  // namespace
}  // namespace lodestone::ledger
