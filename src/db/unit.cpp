// What a unit of work must be before any engine sees it: what one could store and the other not, neither
// gets.
#include "db/unit.hpp"

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"

namespace lodestone::db {

void check_unit(const Unit& unit) {
    const std::string& key = unit.idempotency_key;
    if (key.size() <= limits::idempotency_key_bytes && key.find('\0') == key.npos && is_utf8(key)) return;
    throw Problem(problems::invalid_input, "An idempotency key has 1 to " +
                                               std::to_string(limits::idempotency_key_bytes) +
                                               " bytes of UTF-8, and no NUL among them.");
}

}  // namespace lodestone::db
