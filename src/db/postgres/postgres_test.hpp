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

namespace lodestone::db {

// What the program's own migrations give every database.
inline constexpr const char* test_schema =
    "CREATE TABLE committed_units (key text PRIMARY KEY, committed_at bigint NOT NULL);"
    "CREATE TABLE things (id bigint PRIMARY KEY, name text);";

class TestEngine {
  public:
    explicit TestEngine(PostgresOptions options)
        : context_{clock_, random_, log_, metrics_, health_},
          database_(std::make_unique<Database>(open_postgres(options, context_))) {}
    explicit TestEngine(const std::string& url) : TestEngine(PostgresOptions{.url = url}) {}

    Database& database() { return *database_; }
    Database* operator->() { return database_.get(); }
    EngineStatus status() { return database_->engine().status(); }
    bool wait_until_connected() {
        return test::wait_until([this] { return !status().fault.has_value(); });
    }
    template <class Function>
    auto look_up(Unit unit, Function function) {
        return block_on_work(database_->engine(), WorkKind::look_up, std::move(unit), std::move(function));
    }
    // Runs on another thread; the answer is the Problem's code, or empty.
    std::future<std::string> start(Unit unit, std::function<void(Tx&)> function,
                                   WorkKind kind = WorkKind::write);
    bool has_metric(const std::string& text) { return metrics_.render().find(text) != std::string::npos; }

    static Unit within(std::chrono::milliseconds time) {
        Unit unit;
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
    std::unique_ptr<Database> database_;
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

inline std::future<std::string> TestEngine::start(Unit unit, std::function<void(Tx&)> function,
                                                  WorkKind kind) {
    auto told = std::make_shared<std::promise<std::string>>();
    auto finish = [told](std::exception_ptr failure, Kept<void>) {
        told->set_value(problem_of([&] {
            if (failure) std::rethrow_exception(for_client(failure));
        }));
    };
    database_->engine().submit(make_work(kind, std::move(unit), std::move(function), std::move(finish)));
    return told->get_future();
}

}  // namespace lodestone::db
