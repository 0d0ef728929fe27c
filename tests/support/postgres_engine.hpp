// What the engine's tests share: an engine on a database of their own, and a table to write to.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>

#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "db/database.hpp"
#include "db/open_database.hpp"
#include "support/postgres.hpp"
#include "support/wait.hpp"

namespace lodestone::test {

// What the program's own migrations give every database.
inline constexpr const char* test_schema =
    "CREATE TABLE committed_units (key text PRIMARY KEY, committed_at bigint NOT NULL);"
    "CREATE TABLE things (id bigint PRIMARY KEY, name text);";

class PostgresEngine {
  public:
    explicit PostgresEngine(db::PostgresOptions options)
        : context_{clock_, random_, log_, metrics_, health_},
          database_(std::make_unique<db::Database>(db::open_postgres(options, context_))) {}
    explicit PostgresEngine(const std::string& url) : PostgresEngine(db::PostgresOptions{.url = url}) {}

    db::Database& database() { return *database_; }
    db::Database* operator->() { return database_.get(); }
    db::EngineStatus status() { return database_->engine().status(); }
    bool wait_until_connected() {
        return wait_until([this] { return !status().fault.has_value(); });
    }
    template <class Function>
    auto look_up(db::Unit unit, Function function) {
        return db::block_on_work(database_->engine(), db::WorkKind::look_up, std::move(unit),
                                 std::move(function));
    }
    // Runs on another thread; the answer is the Problem's code, or empty.
    std::future<std::string> start(db::Unit unit, std::function<void(db::Tx&)> function,
                                   db::WorkKind kind = db::WorkKind::write);
    bool has_metric(const std::string& text) { return metrics_.render().find(text) != std::string::npos; }

    static db::Unit within(std::chrono::milliseconds time) {
        db::Unit unit;
        unit.deadline = std::chrono::steady_clock::now() + time;
        return unit;
    }

  private:
    SystemClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::off, .file = {}}, clock_};
    Context context_;
    std::unique_ptr<db::Database> database_;
};

// What a call's Problem says, to clients and to the log; empty when it ends well.
template <class Call>
std::string problem_of(Call call) {
    try {
        call();
    } catch (const Problem& problem) {
        return std::string(problem.kind().code) + ": " + problem.detail() + " | " + problem.internal();
    }
    return {};
}

inline std::future<std::string> PostgresEngine::start(db::Unit unit, std::function<void(db::Tx&)> function,
                                                      db::WorkKind kind) {
    auto told = std::make_shared<std::promise<std::string>>();
    auto finish = [told](std::exception_ptr failure, db::Kept<void>) {
        told->set_value(problem_of([&] {
            if (failure) std::rethrow_exception(db::for_client(failure));
        }));
    };
    database_->engine().submit(db::make_work(kind, std::move(unit), std::move(function), std::move(finish)));
    return told->get_future();
}

}  // namespace lodestone::test
