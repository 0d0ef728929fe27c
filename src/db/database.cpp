// Refusing work that no engine could do, and all of it while the database must not be touched.
#include "db/database.hpp"

#include "base/problem.hpp"

namespace lodestone::db {

namespace {

// Hears the same by two ways. What comes twice makes whoever listens look twice.
class TwoWatches final : public ChangeWatch {
  public:
    TwoWatches(std::unique_ptr<ChangeWatch> first, std::unique_ptr<ChangeWatch> second)
        : first_(std::move(first)), second_(std::move(second)) {}
    void stop() override {
        first_->stop();
        second_->stop();
    }
    bool is_live() const override { return first_->is_live() || second_->is_live(); }

  private:
    std::unique_ptr<ChangeWatch> first_, second_;
};

}  // namespace

void Database::check(const Unit& unit) const {
    check_unit(unit);
    if (is_held_.load(std::memory_order_relaxed)) throw not_ready();
}

Problem Database::not_ready() {
    return Problem(problems::unavailable, "The database is not ready yet; try again in a moment.")
        .with_header("Retry-After", "5");
}

Database::Recording::Recording(const Database& database)
    : database_(&database), outcome_(std::make_shared<Outcome>()) {}

void Database::Recording::write(Tx& tx) const {
    auto changes = tx.take_changes();
    if (database_->listener_) outcome_->changes = changes;
    if (!changes.empty() && database_->keeper_) database_->keeper_(tx, std::move(changes));
    outcome_->notices = tx.take_notices();
}

void Database::Recording::finished() const noexcept {
    if (!outcome_->changes.empty()) database_->listener_(outcome_->changes);
    if (database_->relay_ == nullptr) return;
    for (const Notice& notice : outcome_->notices) database_->relay_->tell(notice.channel, notice.payload);
}

std::unique_ptr<ChangeWatch> Database::watch_changes(const std::string& channel,
                                                     const ChangeCallback& callback) {
    auto by_engine = engine_->watch_changes(channel, callback);
    if (relay_ == nullptr) return by_engine;
    return std::make_unique<TwoWatches>(std::move(by_engine), relay_->watch(channel, callback));
}

}  // namespace lodestone::db
