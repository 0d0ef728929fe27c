// kill -9 at each step of storing, and in the thick of it: what was acknowledged reads back with the right
// digest, what was not is invisible, and no row is without its bytes.
#include <gmock/gmock.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/unique_fd.hpp"
#include "blobs/blobs.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "blobs/upload.hpp"
#include "blobs/use.hpp"
#include "db/migrate/migrator.hpp"
#include "support/odd_disks.hpp"
#include "support/sanitized.hpp"
#include "support/sqlite_database.hpp"
#include "support/stores.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using test::TextBody;

// A program of its own, with its own threads, on one folder.
class BlobProgram {
  public:
    explicit BlobProgram(const std::string& folder, Disk* disk = nullptr)
        : world_(folder + "/blobs"),
          database_(db::open_sqlite({.path = folder + "/lodestone.db"}, world_.context())),
          blobs_(open_filesystem_store({.folder = world_.folder(), .disk = disk}, world_.workers(),
                                       world_.context()),
                 database_, world_.context()) {
        // Numbers made by one program after the other are not the same.
        world_.clock().advance(SystemClock().now() - world_.clock().now());
    }
    ~BlobProgram() {
        blobs_.stop();
        database_.engine().stop();
    }
    BlobProgram(const BlobProgram&) = delete;
    BlobProgram& operator=(const BlobProgram&) = delete;

    Blobs& blobs() { return blobs_; }
    test::HttpLoopThread& loop() { return world_.loop(); }

    // As a push does: in two requests, the second of which finishes the upload.
    Task<> push(std::int64_t number) {
        co_await blobs_.belonging().need();
        const std::string text = content(number);
        const std::string name = "upload-" + std::to_string(number);
        const UploadId id = UploadId::trusted(name);
        auto begin = [&](Tx& tx) {
            insert_upload(tx, tenant_, {.id = id, .scope = "1/app", .blob_id = blobs_.new_id()});
            return hold_upload(tx, tenant_, "1/app", id, "me");
        };
        const Upload begun = co_await database_.write({}, begin);
        DraftProgress progress = begun.progress();
        {
            auto draft = co_await blobs_.store().reopen(name, progress);
            TextBody body(text.substr(0, text.size() / 2));
            co_await draft->append(body, 1 << 20);
            co_await draft->keep();
            progress = draft->progress();
        }
        auto note = [&](Tx& tx) { return note_progress(tx, tenant_, id, "me", progress); };
        co_await database_.write({}, note);
        auto draft = co_await blobs_.store().reopen(name, progress);
        TextBody body(text.substr(text.size() / 2));
        co_await draft->append(body, 1 << 20);
        Blobs::Note finish = [&](Tx& tx, BlobId blob) {
            use_blob(tx, tenant_, number, blob);
            delete_upload(tx, tenant_, id, {.holder = "me", .sha256 = {}});
        };
        co_await blobs_.enter({}, *draft, std::move(finish));
        draft.reset();
        co_await blobs_.store().discard(name, {});
    }
    // Tells each number when it is durable; ends when it is killed.
    Task<> rage(std::int64_t first, std::int64_t step, int acknowledged) {
        for (std::int64_t number = first;; number += step) {
            co_await push(number);
            if (::write(acknowledged, &number, sizeof number) != sizeof number) ::_exit(1);
        }
    }

    // Everything that a row says is there, and everything that was acknowledged has a row.
    void check(const std::set<std::int64_t>& acknowledged) {
        const std::size_t rows =
            static_cast<std::size_t>(database_.read_now({}, [](Tx& tx) { return tx.one(count_blobs_); }));
        std::set<std::int64_t> used;
        for (const std::int64_t owner : database_.read_now({}, [](Tx& tx) { return tx.all(list_owners_); })) {
            const auto blobs =
                database_.read_now({}, [&](Tx& tx) { return list_used_blobs(tx, tenant_, owner); });
            ASSERT_EQ(blobs.size(), 1u);
            const auto body = world_.run(blobs_.open(blobs.front().key(), blobs.front().size_bytes));
            ASSERT_TRUE(body) << "a row without its bytes";
            EXPECT_EQ(test::read_body(*body), content(owner));
            EXPECT_EQ(blobs.front().sha256, test::sha256_of(content(owner)));
            used.insert(owner);
        }
        EXPECT_EQ(used.size(), rows) << "every row has its use, since they are one transaction";
        for (const std::int64_t number : acknowledged) EXPECT_TRUE(used.contains(number)) << number;
    }

    static std::string content(std::int64_t number) {
        return test::make_bytes(3'000 + static_cast<std::size_t>(number % 7) * 1'000,
                                static_cast<std::uint64_t>(number));
    }

  private:
    static const db::Query<std::int64_t> count_blobs_;
    static const db::Query<std::int64_t> list_owners_;

    test::StoreWorld world_;
    db::Database database_;
    Blobs blobs_;
    const TenantId tenant_ = TenantId::trusted("acme");
};

const db::Query<std::int64_t> BlobProgram::count_blobs_{"test.count_blobs", "SELECT count(*) FROM blobs"};
const db::Query<std::int64_t> BlobProgram::list_owners_{"test.list_owners", "SELECT owner FROM blob_uses"};

class BlobCrashTest : public ::testing::Test {
  protected:
    void SetUp() override {
        const std::string path = folder_ / "lodestone.db";
        db::migrate_up(*db::open_sqlite_admin(path));
        test::ask_sqlite(
            path,
            "INSERT INTO tenants (id, name, name_folded, status, metadata, version, created_at, "
            "created_by, updated_at, updated_by) VALUES ('acme', 'a', 'a', 'active', '{}', 1, 1, 'x', "
            "1, 'x')");
    }

    // Forked while this process has one thread. Answers what was acknowledged before it was killed.
    template <class Run>
    std::set<std::int64_t> run_and_kill(std::size_t wanted, Run run) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        const UniqueFd reading(ends[0]);
        UniqueFd writing(ends[1]);
        const pid_t child = ::fork();
        if (child == 0) {
            run(writing.value());
            ::_exit(0);
        }
        writing.reset();
        std::set<std::int64_t> acknowledged;
        std::int64_t number = 0;
        while (acknowledged.size() < wanted &&
               ::read(reading.value(), &number, sizeof number) == sizeof number)
            acknowledged.insert(number);
        ::kill(child, SIGKILL);
        while (::read(reading.value(), &number, sizeof number) == sizeof number) acknowledged.insert(number);
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        is_killed_ = WIFSIGNALED(status);
        return acknowledged;
    }

    test::TempFolder folder_;
    bool is_killed_ = false;
};

TEST_F(BlobCrashTest, AtEachStepOfAPush) {
    std::set<std::int64_t> acknowledged;
    int step = 0;
    for (is_killed_ = true; is_killed_; ++step) {
        ASSERT_LT(step, 500) << "a push has fewer steps";
        const auto told = run_and_kill(1'000, [&](int pipe) {
            test::DeadlyDisk disk(step);
            BlobProgram program(folder_.path(), &disk);
            program.loop().run(program.push(step));
            const std::int64_t number = step;
            if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(1);
        });
        acknowledged.insert(told.begin(), told.end());
        BlobProgram(folder_.path()).check(acknowledged);
    }
    EXPECT_GT(step, 30) << "it was killed at many";
    EXPECT_EQ(acknowledged.size(), 1u) << "the last one came to its end";
    // At the start it is tried whether files can be named later; a try may be left, and goes after a day.
    for (const auto& left : std::filesystem::directory_iterator(folder_ / "blobs/tmp"))
        EXPECT_EQ(left.file_size(), 0u) << "a draft was left behind";
}

TEST_F(BlobCrashTest, InTheThickOfIt) {
    const int rounds = test::is_sanitized() ? 50 : 200;
    constexpr std::int64_t clients = 8;
    std::set<std::int64_t> acknowledged;
    for (int round = 0; round < rounds; ++round) {
        const auto told = run_and_kill(1 + static_cast<std::size_t>(round * 7 % 23), [&](int pipe) {
            BlobProgram program(folder_.path());
            std::vector<std::future<void>> storm;
            for (std::int64_t client = 0; client < clients; ++client)
                storm.push_back(program.loop().start(program.rage(round * 100'000 + client, clients, pipe)));
            for (auto& one : storm) one.get();
        });
        ASSERT_TRUE(is_killed_) << "it was still at it";
        acknowledged.insert(told.begin(), told.end());
        if (round % 20 == 19) BlobProgram(folder_.path()).check(acknowledged);
    }
    EXPECT_GE(acknowledged.size(), static_cast<std::size_t>(rounds));
}

}  // namespace
}  // namespace lodestone::blobs
