// A queue, and threads that take from it whatever the rule about domains lets them. What must be destroyed
// with its loop stays in the shared state, never on a thread's stack while it looks something up.
#include "http/client/lookup_threads.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/limits.hpp"

namespace lodestone::http {
namespace {

Address to_address(const sockaddr& name) {
    Address address;
    if (name.sa_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(name);
        std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
        return address;
    }
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
    address.bytes[10] = address.bytes[11] = 0xff;
    std::memcpy(address.bytes.data() + 12, &v4.sin_addr, 4);
    return address;
}

// Whose servers answer for it, near enough: "a.b.upstream.example" → "upstream.example".
std::string domain_of(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    auto dot = host.rfind('.');
    if (dot != host.npos && dot > 0) dot = host.rfind('.', dot - 1);
    return std::string(dot == host.npos ? host : host.substr(dot + 1));
}

}  // namespace

LookupResult look_up_host(const std::string& host) {
    const addrinfo hints{.ai_flags = AI_ADDRCONFIG, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); error != 0)
        return {{}, ::gai_strerror(error)};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
    LookupResult result;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        const bool is_ip = entry->ai_family == AF_INET || entry->ai_family == AF_INET6;
        const Address address = is_ip ? to_address(*entry->ai_addr) : Address{};
        if (is_ip && std::ranges::find(result.addresses, address) == result.addresses.end())
            result.addresses.push_back(address);
    }
    return result;
}

struct LookupThreads::State {
    struct Job {
        std::string host;
        std::string domain;
        LoopExecutor executor;
        std::function<void(LookupResult)> done;
    };

    explicit State(LookUp function) : look_up(std::move(function)) {}
    // The first one whose domain does not occupy its share of the threads.
    std::deque<Job>::iterator find_next() {
        return std::ranges::find_if(queue, [this](const Job& job) {
            const auto busy = running_by_domain.find(job.domain);
            return busy == running_by_domain.end() || busy->second < limits::lookups_per_domain;
        });
    }

    const LookUp look_up;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> queue;
    std::map<std::uint64_t, Job> running;
    std::map<std::string, std::size_t> running_by_domain;
    std::uint64_t next_id = 0;
    std::size_t threads = 0;
    bool is_closed = false;
};

LookupThreads::LookupThreads(LookUp look_up) : state_(std::make_shared<State>(std::move(look_up))) {}

LookupThreads::~LookupThreads() {
    close();
}

void LookupThreads::close() {
    const std::lock_guard lock(state_->mutex);
    state_->is_closed = true;
    state_->queue.clear();
    state_->running.clear();
    state_->changed.notify_all();
}

void LookupThreads::start(std::string host, LoopExecutor executor, std::function<void(LookupResult)> done) {
    const std::lock_guard lock(state_->mutex);
    if (state_->is_closed) return;
    std::string domain = domain_of(host);
    state_->queue.push_back({std::move(host), std::move(domain), executor, std::move(done)});
    const bool all_are_busy = state_->running.size() + state_->queue.size() > state_->threads;
    if (all_are_busy && state_->threads < limits::lookup_threads) {
        ++state_->threads;
        std::thread(run, state_).detach();
    }
    state_->changed.notify_one();
}

void LookupThreads::run(std::shared_ptr<State> state) {
    std::unique_lock lock(state->mutex);
    for (;;) {
        auto next = state->queue.end();
        state->changed.wait(
            lock, [&] { return state->is_closed || (next = state->find_next()) != state->queue.end(); });
        if (state->is_closed) return;
        const std::uint64_t id = state->next_id++;
        const std::string host = next->host;
        const std::string domain = next->domain;
        state->running.emplace(id, std::move(*next));
        state->queue.erase(next);
        ++state->running_by_domain[domain];
        lock.unlock();
        LookupResult result = state->look_up(host);
        lock.lock();
        if (--state->running_by_domain[domain] == 0) state->running_by_domain.erase(domain);
        auto job = state->running.extract(id);
        if (!job) return;  // closed: the loops may be gone
        // Under the lock, so that nobody closes, and destroys the loop, between asking and posting.
        boost::asio::post(job.mapped().executor,
                          [done = std::move(job.mapped().done), answer = std::move(result)]() mutable {
                              done(std::move(answer));
                          });
        state->changed.notify_all();
    }
}

}  // namespace lodestone::http
