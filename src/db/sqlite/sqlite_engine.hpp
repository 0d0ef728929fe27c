// The SQLite engine: one writer with group commit, some readers, and their health.
#pragma once

#include <string>

#include "db/engine.hpp"
#include "db/sqlite/engine_parts.hpp"
#include "db/sqlite/loop_readers.hpp"
#include "db/sqlite/readers.hpp"
#include "db/sqlite/writer.hpp"

namespace lodestone::db {

class SqliteEngine final : public Engine {
  public:
    // Throws Problem(unavailable) in one sentence when the file cannot be used.
    SqliteEngine(const SqliteOptions& options, const SqliteTuning& tuning, Context& context);
    ~SqliteEngine() override;

    EngineKind kind() const override { return EngineKind::sqlite; }
    Capabilities capabilities() const override { return {}; }
    void submit(std::unique_ptr<Work> work) override;
    void stop() override;
    EngineStatus status() const override;
    void forget_statements() override;
    std::unique_ptr<ChangeWatch> watch_changes(const std::string& channel, ChangeCallback callback) override;

    // The file, also of ":memory:", for connections that others open on it.
    const std::string& path() const { return parts_.path.text(); }

  private:
    void refuse(Work& work, const char* reason);

    EngineParts parts_;
    SqliteWriter writer_;
    SqliteReaders readers_;
    SqliteLoopReaders loop_readers_;
    bool is_stopped_ = false;
};

}  // namespace lodestone::db
