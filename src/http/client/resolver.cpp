// Lookups that are under way and lookups that are remembered are one table, so a second asker never starts
// a second lookup.
#include "http/client/resolver.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace lodestone::http {
namespace {

Address to_address(const boost::asio::ip::address& from) {
    const auto v6 = from.is_v4() ? boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, from.to_v4())
                                 : from.to_v6();
    return Address{v6.to_bytes()};
}

}  // namespace

Resolver::Resolver(LoopExecutor executor) : executor_(executor), system_(executor) {}

Task<Resolver::Answer> Resolver::resolve(std::string host, SteadyTime deadline) {
    if (const auto address = parse_address(host)) co_return Answer{Answer::State::resolved, {*address}};
    auto lookup = find(host);
    if (!lookup) lookup = start(host);
    if (!lookup) co_return Answer{Answer::State::busy};
    const bool is_done = co_await lookup->done.wait(deadline);
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
    system_.async_resolve(host, "", [lookup](boost::system::error_code error, const auto& results) {
        for (const auto& result : results) {
            const auto address = to_address(result.endpoint().address());
            if (std::ranges::find(lookup->addresses, address) == lookup->addresses.end())
                lookup->addresses.push_back(address);
        }
        lookup->detail = error.message();
        // A failure is told to those who wait and not remembered.
        const auto now = std::chrono::steady_clock::now();
        lookup->expires = error ? now : now + limits::resolved_lifetime;
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
