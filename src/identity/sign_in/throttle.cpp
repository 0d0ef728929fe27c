// Counting failures, in memory of a bounded size. What all nodes must know stands in user_credentials
// besides.
#include "identity/sign_in/throttle.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "http/message/client_network.hpp"

namespace lodestone::identity {

namespace {

constexpr ThrottleRules account_rules{};
// Many people may sit behind one address.
constexpr ThrottleRules address_rules{.free_failures = 30};

std::string account_key(std::string_view account) {
    return std::string("account ").append(account);
}

// An IPv6 customer has a whole network: its addresses count as one.
std::string address_key(std::string_view address) {
    return "address " + http::client_of(address);
}

std::string departure_key(std::string_view address) {
    return "departure " + http::client_of(address);
}

void check_wait(std::chrono::seconds wait) {
    if (wait <= wait.zero()) return;
    throw Problem(problems::too_many_requests, "This did not work several times in a row; try again in " +
                                                   std::to_string(wait.count()) + " seconds.")
        .with_header("Retry-After", std::to_string(wait.count()));
}

}  // namespace

std::chrono::seconds ThrottleRules::delay_after(std::int64_t failures) const {
    const std::int64_t beyond = failures - free_failures;
    if (beyond < 0) return std::chrono::seconds(0);
    constexpr std::int64_t most_doublings = 30;
    return std::min(longest_delay, std::chrono::seconds(std::int64_t{1} << std::min(beyond, most_doublings)));
}

std::chrono::seconds Throttle::waiting(const std::string& name, const ThrottleRules& rules) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return std::chrono::seconds(0);
    const Entry& entry = *found->second;
    const auto since = clock_.steady_now() - entry.last;
    if (since >= rules.memory) {
        drop(found->second);
        return std::chrono::seconds(0);
    }
    const auto left = rules.delay_after(entry.failures) - since;
    return std::max(std::chrono::seconds(0), std::chrono::ceil<std::chrono::seconds>(left));
}

void Throttle::count(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
    } else {
        if (entries_.size() >= limits::throttled_names) drop(std::prev(entries_.end()));
        entries_.push_front({.name = name});
        by_name_.emplace(name, entries_.begin());
    }
    ++entries_.front().failures;
    entries_.front().last = clock_.steady_now();
}

void Throttle::drop(Entries::iterator entry) {
    by_name_.erase(entry->name);
    entries_.erase(entry);
}

void Throttle::attempt(std::string_view account, std::string_view address) {
    const std::string by_account = account_key(account);
    const std::string by_address = address_key(address);
    const std::lock_guard lock(mutex_);
    check_wait(std::max(waiting(by_account, account_rules), waiting(by_address, address_rules)));
    count(by_account);
    count(by_address);
}

void Throttle::attempt_departure(std::string_view address) {
    const std::string departure = departure_key(address);
    const std::lock_guard lock(mutex_);
    check_wait(waiting(departure, address_rules));
    count(departure);
}

void Throttle::forgive_departure(std::string_view address) {
    const std::lock_guard lock(mutex_);
    uncount(departure_key(address));
}

void Throttle::uncount(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end() && --found->second->failures == 0) drop(found->second);
}

void Throttle::forgive(std::string_view account, std::string_view address) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_name_.find(account_key(account)); found != by_name_.end()) drop(found->second);
    uncount(address_key(address));
}

void Throttle::withdraw(std::string_view account, std::string_view address) {
    const std::lock_guard lock(mutex_);
    uncount(account_key(account));
    uncount(address_key(address));
}

std::size_t Throttle::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace lodestone::identity
