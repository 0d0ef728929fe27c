// The lists of checks and reports.
#include "base/health.hpp"

namespace lodestone {

void Health::add_check(std::string name, Check check, Need need) {
    const std::lock_guard lock(mutex_);
    checks_.push_back({std::move(name), std::move(check), need});
}

std::vector<Health::Result> Health::run_checks() const {
    const std::lock_guard lock(mutex_);
    std::vector<Result> results;
    results.reserve(checks_.size());
    for (const auto& [name, check, need] : checks_) results.push_back({name, check(), need});
    return results;
}

void Health::add_report(std::string name, Report report) {
    const std::lock_guard lock(mutex_);
    reports_.emplace_back(std::move(name), std::move(report));
}

std::vector<std::pair<std::string, std::string>> Health::list_reports() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::string, std::string>> texts;
    for (const auto& [name, report] : reports_) texts.emplace_back(name, report());
    return texts;
}

}  // namespace lodestone
