// Lookups that are under way and lookups that are remembered are one table, so a second asker never starts
// a second lookup.
#include "http/client/resolver.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace lodestone::http {

Resolver::Resolver(LoopExecutor executor, std::shared_ptr<LookupThreads> threads)
    : executor_(executor), threads_(std::move(threads)) {}

Task<Resolver::Answer> Resolver::resolve(std::string host, SteadyTime deadline) {
    if (const auto address = parse_address(host)) co_return Answer{Answer::State::resolved, {*address}};
    auto lookup = find(host);
    if (!lookup) lookup = start(host);
    if (!lookup) co_return Answer{Answer::State::busy};
    const SteadyTime patience = std::chrono::steady_clock::now() + limits::lookup_timeout;
    const bool is_done = co_await lookup->done.wait(std::min(deadline, patience));
    if (!is_done) co_return Answer{Answer::State::timed_out};
    if (lookup->addresses.empty()) co_return Answer{Answer::State::unknown_host, {}, lookup->detail};
    co_return Answer{Answer::State::resolved, lookup->addresses};
}

std::shared_ptr<Resolver::Lookup> Resolver::find(const std::string& host) {
    const auto at = lookups_.find(host);
    if (at == lookups_.end()) return nullptr;
    if (std::chrono::steady_clock::now() < at->second->expires) return at->second;
    lookups_.erase(at);
    return nullptr;
}

// Null when too many are under way.
std::shared_ptr<Resolver::Lookup> Resolver::start(const std::string& host) {
    if (!make_room()) return nullptr;
    auto lookup = std::make_shared<Lookup>(executor_);
    lookups_[host] = lookup;
    threads_->start(host, executor_, [lookup](LookupResult result) {
        lookup->addresses = std::move(result.addresses);
        lookup->detail = std::move(result.detail);
        // A failure is told to those who wait and not remembered.
        const auto now = std::chrono::steady_clock::now();
        lookup->expires = lookup->addresses.empty() ? now : now + limits::resolved_lifetime;
        lookup->done.notify();
    });
    return lookup;
}

bool Resolver::make_room() {
    if (lookups_.size() < limits::resolved_hosts) return true;
    std::erase_if(lookups_, [](const auto& entry) { return entry.second->done.has_happened(); });
    return lookups_.size() < limits::resolved_hosts;
}

}  // namespace lodestone::http
