// Refusing work that no engine could do, and all of it while the database must not be touched.
#include "db/database.hpp"

#include "base/problem.hpp"

namespace lodestone::db {

void Database::check(const Unit& unit) const {
    check_unit(unit);
    if (is_held_.load(std::memory_order_relaxed)) throw not_ready();
}

Problem Database::not_ready() {
    return Problem(problems::unavailable, "The database is not ready yet; try again in a moment.")
        .with_header("Retry-After", "5");
}

Database::Recording::Recording(const Database& database)
    : database_(&database), changes_(std::make_shared<std::vector<Change>>()) {}

void Database::Recording::write(Tx& tx) const {
    auto changes = tx.take_changes();
    if (database_->listener_) *changes_ = changes;
    if (!changes.empty() && database_->keeper_) database_->keeper_(tx, std::move(changes));
}

void Database::Recording::finished() const noexcept {
    if (!changes_->empty()) database_->listener_(*changes_);
}

}  // namespace lodestone::db
