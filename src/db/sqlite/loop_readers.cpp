// One connection for each loop, made when the loop first asks.
#include "db/sqlite/loop_readers.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/sqlite/run_unit.hpp"

namespace lodestone::db {

namespace {

using namespace std::chrono_literals;

// What one statement may take of a loop's time. SQLite looks every 50 µs or so.
constexpr auto longest_statement = 1ms;

}  // namespace

class SqliteLoopReaders::Reader final : public LoopItem {
  public:
    explicit Reader(EngineParts& parts) : parts_(parts) {
        // One that cannot be opened stays closed: the readers' threads know what to say.
        find_problem([this] {
            open_.emplace(parts_);
            open_->connection.set_patience(0ms);  // a loop waits for no lock
        });
    }
    void leave_loop() noexcept override { close(); }
    void close() {
        const std::lock_guard lock(mutex_);
        open_.reset();
    }

    bool run(Work& work) {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock || !open_) return false;
        const SteadyTime latest = parts_.context.clock.steady_now() + longest_statement;
        const bool is_look_up = work.kind() == WorkKind::look_up;
        const Outcome outcome =
            run_unit(work, open_->session,
                     {.generation = parts_.generation.load(std::memory_order_acquire),
                      .latest = latest,
                      .extent = is_look_up ? Tx::Extent::one_statement : Tx::Extent::at_most_one});
        if (outcome.error && outcome.error->failure() == Failure::too_slow) work.habit().rest();
        if (outcome.wants_transaction) work.habit().keep_off_loops();
        if (outcome.error || outcome.wants_transaction) return false;
        if (outcome.is_good()) parts_.measures.reads.add();
        work.finish(outcome.exception);
        return true;
    }

  private:
    struct Open {
        explicit Open(EngineParts& parts)
            : connection({.path = parts.path.text(),
                          .role = ConnectionRole::reader,
                          .is_durable = !parts.path.is_temporary()},
                         parts.context.clock),
              session(connection, parts.measures) {}
        SqliteConnection connection;
        SqliteSession session;
    };

    EngineParts& parts_;
    std::mutex mutex_;  // the loop's, but for the moment when the engine stops
    std::optional<Open> open_;
};

std::shared_ptr<SqliteLoopReaders::Reader> SqliteLoopReaders::find_reader(const LoopExecutor& loop) {
    std::shared_ptr<LoopItem>& item = loop_item(loop, owner_);
    if (!item) {
        const std::lock_guard lock(mutex_);
        if (is_closed_ || readers_.size() >= limits::database_loops) return nullptr;
        readers_.push_back(std::make_shared<Reader>(parts_));
        item = readers_.back();
    }
    return std::static_pointer_cast<Reader>(item);
}

bool SqliteLoopReaders::run(std::unique_ptr<Work>& work) {
    const bool is_look_up = work->kind() == WorkKind::look_up;
    if (!work->loop || work->kind() == WorkKind::write || !work->habit().suits_loops(is_look_up))
        return false;
    // As the readers' threads would find it: late.
    if (is_late(*work, parts_.context.clock.steady_now())) return false;
    const auto reader = find_reader(*work->loop);
    return reader && reader->run(*work);
}

std::size_t SqliteLoopReaders::size() const {
    const std::lock_guard lock(mutex_);
    return readers_.size();
}

void SqliteLoopReaders::close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (const auto& reader : readers_) reader->close();
}

}  // namespace lodestone::db
