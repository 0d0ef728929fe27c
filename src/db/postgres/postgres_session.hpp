// One transaction on a connection, from BEGIN with the first statement to COMMIT with the last.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "db/open_database.hpp"
#include "db/postgres/connection.hpp"
#include "db/work.hpp"

namespace lodestone::db {

class PostgresSession final : public Session {
  public:
    PostgresSession(Connection& connection, const Work& work, const PostgresOptions& options,
                    const Clock& clock)
        : connection_(connection), work_(work), options_(options), clock_(clock) {}

    EngineKind engine() const override { return EngineKind::postgres; }
    Rows& query(const Statement& statement, std::span<const Value> values) override;
    std::int64_t run(const Statement& statement, std::span<const Value> values) override;
    void send(const Statement& statement, std::span<const Value> values) override;

    void notify(const std::string& channel, const std::string& payload) override;

    // A row that tells later that this was committed; goes with COMMIT.
    struct Key {
        std::string key;
        Time now;
        bool is_again;  // a fence stands where it goes
    };
    void commit(const std::optional<Key>& key);
    // Leaves the connection as it was before; what fails of that is a fault of the connection only.
    void roll_back();

    // What the engine failed of, as distinct from what the function threw for reasons of its own.
    const std::optional<Fault>& fault() const { return fault_; }
    bool was_commit_sent() const { return was_commit_sent_; }

  private:
    void begin();
    void limit_times();
    void settle();
    SteadyTime answer_until() const;
    [[noreturn]] void fail(Fault fault);

    Connection& connection_;
    const Work& work_;
    const PostgresOptions& options_;
    const Clock& clock_;
    ResultRows rows_;
    std::chrono::milliseconds limit_{0};  // of this transaction's statements; 0: none was set yet
    bool has_begun_ = false;
    bool was_commit_sent_ = false;
    std::optional<Fault> fault_;
};

// How long after its deadline a unit's connection may still bring the server's own refusal.
inline constexpr std::chrono::milliseconds answer_grace{500};

}  // namespace lodestone::db
