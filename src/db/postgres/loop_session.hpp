// One statement asked from an event loop, which cannot wait for its answer inside the function. So the
// function runs twice: the first time its statement is sent and the function left, the second time the answer
// is there.
#pragma once

#include <cstdint>

#include "db/postgres/connection.hpp"
#include "db/session.hpp"

namespace lodestone::db {

// Which statement, with which values.
struct AskedFor {
    const Statement* statement = nullptr;
    std::uint64_t sum = 0;
    bool operator==(const AskedFor&) const = default;
};
AskedFor asked_for(const Statement& statement, std::span<const Value> values);

class LoopSession final : public Session {
  public:
    struct Asked {};     // thrown to leave the function
    struct Unsuited {};  // thrown when it wants more than one statement, or another one the second time

    // Asks. `limits`: what Control::limit_times takes, or nothing.
    LoopSession(Connection& connection, std::span<const std::string> limits)
        : connection_(connection), limits_(limits), is_asking_(true) {}
    // Answers.
    LoopSession(Connection& connection, AskedFor asked, ResultPointer result)
        : connection_(connection), asked_(asked), result_(std::move(result)) {}

    const AskedFor& asked() const { return asked_; }

    EngineKind engine() const override { return EngineKind::postgres; }
    Rows& query(const Statement& statement, std::span<const Value> values) override;
    // Nothing that a read does.
    std::int64_t run(const Statement&, std::span<const Value>) override { throw Unsuited{}; }
    void send(const Statement&, std::span<const Value>) override { throw Unsuited{}; }
    void notify(const std::string&, const std::string&) override { throw Unsuited{}; }

  private:
    Connection& connection_;
    std::span<const std::string> limits_;
    bool is_asking_ = false;
    AskedFor asked_;
    ResultPointer result_;
    ResultRows rows_;
};

}  // namespace lodestone::db
