// The list of readiness checks.
#include "base/health.hpp"

namespace lodestone {

void Health::add_check(std::string name, Check check) {
    const std::lock_guard lock(mutex_);
    checks_.emplace_back(std::move(name), std::move(check));
}

std::vector<Health::Result> Health::run_checks() const {
    const std::lock_guard lock(mutex_);
    std::vector<Result> results;
    results.reserve(checks_.size());
    for (const auto& [name, check] : checks_) results.push_back({name, check()});
    return results;
}

}  // namespace lodestone
