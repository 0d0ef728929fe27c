// kill -9 at each step of uploads and publications, with others at work: before a transaction, at each of its
// statements, before COMMIT and after it, and around all that is asked of disk or S3. What was acknowledged
// reads back with the right digest, what was not is there whole or not at all, and in the end nothing is left
// that nobody needs.
#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "base/number_time.hpp"
#include "db/admin_connection.hpp"
#include "support/databases.hpp"
#include "support/doomed_disk.hpp"
#include "support/doomed_s3.hpp"
#include "support/doomed_statements.hpp"
#include "support/image_test.hpp"
#include "support/registry_program.hpp"
#include "support/sanitized.hpp"
#include "support/storage_audit.hpp"
#include "support/wait.hpp"

namespace lodestone::formats {
namespace {

using test::Answer;
using test::RegistryProgram;

// What becomes known of a publication, by the number that its name and its content follow from.
enum class Event : std::int64_t { began, published, began_deletion, deleted, refused };
struct Told {
    Event event{};
    std::int64_t number = 0;
};

constexpr std::int64_t clients = 3;
constexpr std::int64_t publications = 12;        // of each client, unless it is killed before
constexpr std::int64_t numbers_per_round = 999;  // a multiple of the clients: each goes on as it is
constexpr auto time_between_rounds = std::chrono::minutes(70);  // more than a lease

bool is_image(std::int64_t number) {
    return number % clients != 0;
}

// Some share their contents.
std::string content(std::int64_t number) {
    constexpr std::size_t sizes[] = {100, 3'000, 70'000, 200'000};
    if (number % 4 == 3) return test::make_bytes(500, static_cast<std::uint64_t>(number % 5));
    return test::make_bytes(sizes[number / clients % 4], static_cast<std::uint64_t>(number));
}
std::string config_of(std::int64_t number) {
    return R"({"os":"linux","architecture":"amd64","number":)" + std::to_string(number) + "}";
}

// Both kinds of clients, as they speak to a program.
class Client {
  public:
    Client(const RegistryProgram& program, std::string key) : program_(program), key_(std::move(key)) {}

    // Answers the status of what went wrong, or came last.
    int publish(std::int64_t number, const std::string& bytes) {
        return is_image(number) ? push_image(number, bytes)
                                : program_.ask("PUT " + file(number), key_, bytes).status;
    }
    int remove(std::int64_t number, const std::string& bytes) {
        return program_.ask("DELETE " + (is_image(number) ? manifest(number, bytes) : version(number)), key_)
            .status;
    }
    // Nothing: it is not there. Otherwise whether it is as it was sent.
    std::optional<bool> look(std::int64_t number, const std::string& bytes) {
        if (is_image(number)) return look_at_image(number, bytes);
        const Answer answer = program_.ask("GET " + file(number), key_);
        if (answer.status == 404) return std::nullopt;
        return answer.status == 200 && answer.body == bytes;
    }

  private:
    static std::string version(std::int64_t number) {
        return "/generic/acme/files/package-" + std::to_string(number / 5) + "/" + std::to_string(number);
    }
    static std::string file(std::int64_t number) { return version(number) + "/file"; }
    static std::string image(std::int64_t number) {
        return "/v2/acme/images/image-" + std::to_string(number % 5);
    }
    static std::string manifest_of(std::int64_t number, const std::string& layer) {
        struct Manifests : test::ImageTest {
            using ImageTest::manifest_of;
        };
        return Manifests::manifest_of(config_of(number), layer);
    }
    static std::string manifest(std::int64_t number, const std::string& layer) {
        return image(number) + "/manifests/" + test::digest_of(manifest_of(number, layer));
    }

    // The configuration in one request, the layer in three.
    int push_image(std::int64_t number, const std::string& layer) {
        const std::string config = config_of(number);
        const std::string uploads = image(number) + "/blobs/uploads/";
        Answer answer = program_.ask("POST " + uploads + "?digest=" + test::digest_of(config), key_, config);
        if (answer.status != 201) return answer.status;
        answer = program_.ask("POST " + uploads, key_);
        if (answer.status != 202) return answer.status;
        const std::string upload = answer.header("location");
        const std::size_t most = layer.size() - layer.size() / 8;
        answer = program_.ask("PATCH " + upload, key_, layer.substr(0, most));
        if (answer.status != 202) return answer.status;
        const std::string end = upload + "?digest=" + test::digest_of(layer);
        answer = program_.ask("PUT " + end, key_, layer.substr(most));
        if (answer.status != 201) return answer.status;
        const std::string tag = image(number) + "/manifests/tag-" + std::to_string(number);
        const std::string type = std::string("Content-Type: ") + test::image_type + "\r\n";
        return program_.ask("PUT " + tag, key_, manifest_of(number, layer), type).status;
    }
    std::optional<bool> look_at_image(std::int64_t number, const std::string& layer) {
        const Answer answer = program_.ask("GET " + manifest(number, layer), key_);
        if (answer.status == 404) return std::nullopt;
        bool is_whole = answer.body == manifest_of(number, layer);
        for (const std::string& bytes : {config_of(number), layer})
            is_whole &=
                program_.ask("GET " + image(number) + "/blobs/" + test::digest_of(bytes), key_).body == bytes;
        return is_whole;
    }

    const RegistryProgram& program_;
    std::string key_;
};

// As on a laptop, or as on a cluster: SQLite and a folder, or PostgreSQL and S3.
class PublicationCrash : public ::testing::TestWithParam<db::EngineKind> {
  protected:
    void SetUp() override {
        place_.engine = GetParam();
        place_.folder = folder_ / "blobs";
        if (place_.engine == db::EngineKind::sqlite) {
            place_.database = folder_ / "lodestone.db";
            std::filesystem::copy_file(test::migrated_sqlite(), place_.database);
        } else {
            if (!test::PostgresServer::is_installed() && std::getenv("LODESTONE_TEST_POSTGRES") == nullptr)
                GTEST_SKIP() << "PostgreSQL is not installed";
            if (!std::filesystem::exists(test::PostgresServer::shared().socket()))
                GTEST_SKIP() << "the tests' PostgreSQL has no socket here to stand before";
            postgres_.emplace();
            place_.database = (*postgres_)->url();
            place_.s3 = s3_.emplace(doom_).options();
        }
        RegistryProgram program(place_, time_of(0));
        begin_shop(program);
    }

    void begin_shop(RegistryProgram& program) {
        const std::string token = RegistryProgram::operator_token();
        const std::string json = "Content-Type: application/json\r\n";
        ASSERT_EQ(program
                      .ask("POST /api/v1/tenants", token,
                           R"({"id":"acme","name":"Acme","owner":{"id":"owner","username":"owner"}})", json)
                      .status,
                  201);
        key_ = program.make_key("acme", "owner");
        const std::string acme = "POST /api/v1/tenants/acme/";
        ASSERT_EQ(program.ask(acme + "apps", key_, R"({"id":"shop","name":"Shop"})", json).status, 201);
        for (const char* repository : {R"({"app_id":"shop","format":"generic","name":"files"})",
                                       R"({"app_id":"shop","format":"oci","name":"images"})"})
            ASSERT_EQ(program.ask(acme + "repositories", key_, repository, json).status, 201);
    }
    // Behind all numbers that were made in this process: each child goes on behind those, too.
    static Time find_start() {
        SystemRandom random;
        return time_of_number(make_number(SystemClock(), random));
    }
    Time time_of(int round) const { return started_ + round * time_between_rounds; }
    // On a connection that is gone then: SQLite's must not be there when somebody forks.
    std::string ask(const std::string& sql) const {
        const auto admin = place_.engine == db::EngineKind::sqlite
                               ? db::open_sqlite_admin(place_.database)
                               : db::open_postgres_admin(place_.database, std::chrono::seconds(10));
        const auto rows = admin->list_rows(sql);
        return rows.empty() ? std::string() : rows.front().front().value_or("");
    }

    // In two parts, where S3 takes it so.
    bool is_large(std::int64_t number) const {
        return large_rounds_.contains(number / numbers_per_round) && number % numbers_per_round == 2;
    }
    std::string content_of(std::int64_t number) const {
        if (is_large(number)) return test::make_bytes(6 << 20, static_cast<std::uint64_t>(number));
        return content(number);
    }

    // Publishes one thing after the other, and deletes some.
    void work(const RegistryProgram& program, std::int64_t first, int told) const {
        Client client(program, key_);
        const auto tell = [&](Event event, std::int64_t number) {
            const Told one{.event = event, .number = number};
            if (::write(told, &one, sizeof one) != sizeof one) ::_exit(1);
        };
        for (std::int64_t i = 0; i < publications; ++i) {
            const std::int64_t number = first + i * clients;
            const std::string bytes = content_of(number);
            tell(Event::began, number);
            const int status = client.publish(number, bytes);
            if (status != 201) return tell(Event::refused, status);
            tell(Event::published, number);
            if (i % 3 != 1) continue;
            tell(Event::began_deletion, number);
            if (client.remove(number, bytes) / 100 != 2) return tell(Event::refused, number);
            tell(Event::deleted, number);
        }
    }
    // What was deleted in earlier rounds goes meanwhile.
    static void collect(RegistryProgram& program, const std::atomic<bool>& is_over) {
        blobs::Collector collector(program.blobs(), std::chrono::microseconds(0));
        while (!is_over) {
            program.database().write_now({},
                                         [](db::Tx& tx) { return packages::purge_versions(tx, tx.now()); });
            program.loop().run(collector.run());
        }
    }
    // The life of a process, until its doom.
    void live(int round, int told) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        test::RegistryPlace place = place_;
        test::DoomedPostgres watcher(doom_);
        std::optional<test::PostgresProxy> proxy;
        if (postgres_) {
            place.database = proxy.emplace((*postgres_)->server()).url((*postgres_)->name());
            proxy->watch([&](const void* link, std::string_view bytes, test::PostgresProxy::Way way) {
                watcher.look(link, bytes, way);
            });
        } else {
            test::DoomedSqlite::watch(doom_);
        }
        test::DoomedDisk disk(doom_);
        RegistryProgram program(place, time_of(round), &disk);
        doom_.begin();
        std::atomic<bool> is_over{false};
        std::thread keeper([&] { collect(program, is_over); });
        std::vector<std::thread> storm;
        for (std::int64_t client = 0; client < clients; ++client)
            storm.emplace_back([&, client] { work(program, round * numbers_per_round + client, told); });
        for (std::thread& one : storm) one.join();
        is_over = true;
        keeper.join();
    }
    // Forked while this process has one thread. Answers whether it was killed.
    bool run_to_its_doom(int round) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        const UniqueFd reading(ends[0]);
        UniqueFd writing(ends[1]);
        const pid_t child = ::fork();
        if (child == 0) {
            live(round, writing.value());
            ::_exit(0);
        }
        writing.reset();
        Told told;
        while (::read(reading.value(), &told, sizeof told) == sizeof told) {
            if (told.event == Event::refused)
                ADD_FAILURE() << "round " << round << ": refused, " << told.number;
            else
                known_[told.number] = told.event;
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        doom_.choose_nobody();
        const bool is_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        EXPECT_TRUE(is_killed || status == 0) << "round " << round << " ended with " << status;
        return is_killed;
    }

    // What PostgreSQL still has to do for those who are gone.
    void wait_for_the_dead() {
        if (!postgres_) return;
        EXPECT_TRUE(test::wait_until([&] {
            return ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                       "pg_backend_pid()") == "0";
        }));
    }
    void check_what_was_told(const RegistryProgram& program) {
        Client client(program, key_);
        int unheard = 0;
        for (const auto& [number, event] : known_) {
            const std::optional<bool> found = client.look(number, content_of(number));
            EXPECT_TRUE(found.value_or(true)) << number << " is not what was sent";
            if (event == Event::published)
                EXPECT_TRUE(found) << number << " was acknowledged, and is not there";
            if (event == Event::deleted) EXPECT_FALSE(found) << number << " was deleted, and is there";
            if (event == Event::began && found) ++unheard;
        }
        EXPECT_GT(unheard, 0) << "some were killed between COMMIT and the answer";
    }
    // Much later: S3's parts that a crash has left are given up after a week.
    void check_what_is_left(Time now) {
        RegistryProgram program(place_, now + std::chrono::days(10));
        test::StorageAudit audit(program.blobs(), program.loop(), program.clock(),
                                 [&](const std::string& sql) { return ask(sql); });
        audit.clean();
        const std::size_t stored = audit.check();
        if (s3_) {
            EXPECT_TRUE(test::wait_until([&] { return s3_->open_uploads() == 0; }));
            for (const std::string& object : s3_->objects())
                EXPECT_FALSE(object.starts_with("kept/uploads/")) << object;
            return;
        }
        // The folder's own name; and at the start it is tried whether files can be named later: a try may be
        // left, and goes after a day.
        std::size_t files = 0;
        for (const auto& one : std::filesystem::recursive_directory_iterator(place_.folder)) {
            const std::string name = one.path().filename();
            if (one.is_regular_file() && name != "name" && !name.starts_with("probe-")) ++files;
        }
        EXPECT_EQ(files, stored);
    }

    const test::TempFolder folder_;
    const Time started_ = find_start();
    test::Doom doom_;
    test::RegistryPlace place_;
    std::optional<test::MigratedPostgres> postgres_;
    std::optional<test::DoomedS3> s3_;
    std::string key_;
    std::set<std::int64_t> large_rounds_;
    std::map<std::int64_t, Event> known_;
};

INSTANTIATE_TEST_SUITE_P(, PublicationCrash,
                         ::testing::Values(db::EngineKind::sqlite, db::EngineKind::postgres),
                         [](const auto& engine) {
                             return engine.param == db::EngineKind::sqlite ? "sqlite_and_files"
                                                                           : "postgres_and_s3";
                         });

// Of what S3 is asked for a large thing, of which a child sends one.
bool is_of_parts(const std::string& step) {
    return step.starts_with("S3 ") &&
           (step.find_first_of("?=") != step.npos || step.find("large") != step.npos);
}

// A sanitized program takes long to start: there one in four of the steps, and each after a COMMIT, of which
// nobody has heard yet.
bool is_to_be_tried(std::size_t index, std::string_view step) {
    return !test::is_sanitized() || index % 4 == 0 || step.starts_with("committed ");
}

TEST_P(PublicationCrash, AtEachStep) {
    large_rounds_.insert(0);
    ASSERT_FALSE(run_to_its_doom(0)) << "nobody was to die";
    int round = 0;
    int kills = 0;
    const std::vector<std::string> steps = doom_.steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string& step = steps[i];
        if (!is_to_be_tried(i, step)) continue;
        ++round;
        if (is_of_parts(step)) large_rounds_.insert(round);
        doom_.choose(step, step.starts_with("S3 ") ? 1 : 1 + round % 3);
        kills += run_to_its_doom(round) ? 1 : 0;
    }
    RecordProperty("steps", static_cast<int>(steps.size()));
    RecordProperty("kills", kills);
    EXPECT_GT(steps.size(), 70);
    // Who shares a COMMIT with whom is chance, and a store gets its name once: some do not come again.
    EXPECT_GE(kills, round - round / 5);
    wait_for_the_dead();
    check_what_was_told(RegistryProgram(place_, time_of(round + 1)));
    check_what_is_left(time_of(round));
}

}  // namespace
}  // namespace lodestone::formats
