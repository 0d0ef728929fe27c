// kill -9 in the middle of a storm of writes: what was acknowledged is there, and the file is whole. And two
// processes that write to one file.
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <semaphore>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/sanitized.hpp"
#include "support/sqlite_database.hpp"

namespace lodestone::db {
namespace {

constexpr const char* schema = "CREATE TABLE numbers (id INTEGER PRIMARY KEY, text TEXT) STRICT";

const Command<std::int64_t, std::string> insert_number{"test.crash.insert",
                                                       "INSERT INTO numbers VALUES ($1, $2)"};

// Forked while this process has one thread; never returns into the test.
pid_t start_child(const std::function<void()>& function) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    function();
    ::_exit(0);
}

// Keeps many writes in the air, and tells each one's number when it is durable.
class Storm {
  public:
    Storm(const std::string& path, std::int64_t first, int acknowledged)
        : database_("", {.path = path}), next_(first), acknowledged_(acknowledged) {}

    [[noreturn]] void rage() {
        for (;;) {
            room_.acquire();
            const std::int64_t number = next_++;
            auto write = [number](Tx& tx) { tx.run(insert_number, number, "some text of a row"); };
            auto tell = [this, number](const std::exception_ptr& failure, auto) {
                if (failure || ::write(acknowledged_, &number, sizeof number) < 0) ::_exit(1);
                room_.release();
            };
            database_.engine().submit(make_work(WorkKind::write, {}, std::move(write), std::move(tell)));
        }
    }

  private:
    test::SqliteDatabase database_;
    std::counting_semaphore<> room_{256};
    std::int64_t next_;
    int acknowledged_;
};

// Reads what was acknowledged: `wanted` numbers before the kill, and what else is in the pipe.
std::vector<std::int64_t> kill_after(pid_t child, int pipe, std::size_t wanted) {
    std::vector<std::int64_t> numbers;
    std::int64_t number = 0;
    while (numbers.size() < wanted && ::read(pipe, &number, sizeof number) == sizeof number)
        numbers.push_back(number);
    EXPECT_EQ(::kill(child, SIGKILL), 0);
    while (::read(pipe, &number, sizeof number) == sizeof number) numbers.push_back(number);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it was still at it";
    return numbers;
}

TEST(SqliteCrash, KeepsWhatItAcknowledged) {
    const int rounds = test::is_sanitized() ? 50 : 200;
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    test::ask_sqlite(path, schema);
    std::int64_t first = 1;
    for (int round = 0; round < rounds; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        UniqueFd reading(ends[0]);
        UniqueFd writing(ends[1]);
        const pid_t child = start_child([&] {
            Storm storm(path, first, writing.value());
            storm.rage();
        });
        writing.reset();
        // Another moment each time: after the first acknowledgement, or in the thick of it.
        const std::size_t wanted = 1 + static_cast<std::size_t>(round * 37 % 400);
        const auto numbers = kill_after(child, reading.value(), wanted);
        ASSERT_GE(numbers.size(), wanted);
        const std::string kept =
            test::ask_sqlite(path, "SELECT count(*) FROM numbers WHERE id BETWEEN " + std::to_string(first) +
                                       " AND " + std::to_string(numbers.back()));
        // They were handed in, and so acknowledged, in the order of their numbers.
        ASSERT_EQ(kept, std::to_string(numbers.back() - first + 1)) << "round " << round;
        ASSERT_EQ(numbers.size(), static_cast<std::size_t>(numbers.back() - first + 1));
        ASSERT_EQ(test::ask_sqlite(path, "PRAGMA integrity_check"), "ok") << "round " << round;
        first = std::stoll(test::ask_sqlite(path, "SELECT max(id) FROM numbers")) + 1;
    }
}

TEST(SqliteCrash, SharesItsFileWithAnotherProcess) {
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    test::ask_sqlite(path, schema);
    const auto write_some = [&](std::int64_t first) {
        test::SqliteDatabase database("", {.path = path});
        for (std::int64_t i = 0; i < 200; ++i)
            database->write_now({}, [&](Tx& tx) { tx.run(insert_number, first + i, ""); });
    };
    const pid_t child = start_child([&] { write_some(1'000); });
    write_some(2'000);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(test::ask_sqlite(path, "SELECT count(*) FROM numbers"), "400");
    EXPECT_EQ(test::ask_sqlite(path, "PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace lodestone::db
