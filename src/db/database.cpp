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

}  // namespace lodestone::db
