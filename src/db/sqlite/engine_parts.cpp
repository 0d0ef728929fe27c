// The note about the disk, and the file made before anybody opens it.
#include "db/sqlite/engine_parts.hpp"

#include <utility>

namespace lodestone::db {

void DiskFault::set(std::string sentence) {
    const std::lock_guard lock(mutex_);
    sentence_ = std::move(sentence);
    is_set_ = true;
}

void DiskFault::clear() {
    if (!is_set()) return;
    const std::lock_guard lock(mutex_);
    sentence_.clear();
    is_set_ = false;
}

std::optional<std::string> DiskFault::sentence() const {
    if (!is_set()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return sentence_;
}

EngineParts::EngineParts(const SqliteOptions& given, const SqliteTuning& tuned, Context& surroundings)
    : options(given), tuning(tuned), context(surroundings), measures(surroundings.metrics), path(given.path) {
    path.make_private();
}

}  // namespace lodestone::db
