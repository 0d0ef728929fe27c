// One thread for each question; question and answer belong to whoever of the two is there last.
#include "cache/redis_lookup.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/ensure.hpp"
#include "base/redis_limits.hpp"
#include "base/socket_wait.hpp"
#include "base/unique_fd.hpp"

namespace lodestone::cache {

namespace {

struct Question {
    std::string host;
    std::uint16_t port = 0;
    UniqueFd event{::eventfd(0, EFD_CLOEXEC)};
    RedisAddresses answer;  // once it is answered
    std::atomic<bool> is_answered{false};
};

}  // namespace

RedisAddresses look_up_redis(const std::string& host, std::uint16_t port) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    const int unknown = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &first);
    if (unknown != 0)
        return {.found = {}, .fault = host + " cannot be looked up: " + ::gai_strerror(unknown)};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(first, &::freeaddrinfo);
    RedisAddresses addresses;
    for (const addrinfo* at = first; at != nullptr && addresses.found.size() < limits::upstream_addresses;
         at = at->ai_next)
        addresses.found.push_back(
            {.family = at->ai_family, .name = {reinterpret_cast<const char*>(at->ai_addr), at->ai_addrlen}});
    return addresses;
}

struct RedisLookup::State {
    Ask ask;
    std::atomic<std::size_t> running{0};
};

RedisLookup::RedisLookup(Ask ask) : state_(std::make_shared<State>()) {
    state_->ask = std::move(ask);
}

RedisAddresses RedisLookup::find(const std::string& host, std::uint16_t port, const Clock& clock,
                                 SteadyTime until, int stop) {
    if (++state_->running > limits::redis_lookups) {
        --state_->running;
        return {.found = {}, .fault = host + " cannot be looked up: earlier tries have not ended"};
    }
    auto question = std::make_shared<Question>();
    question->host = host;
    question->port = port;
    ensure(question->event.is_open(), "there is a descriptor for an event");
    std::thread([state = state_, question] {
        question->answer = state->ask(question->host, question->port);
        question->is_answered = true;
        --state->running;
        const std::uint64_t one = 1;
        ensure(::write(question->event.value(), &one, sizeof one) == sizeof one, "an event can be told");
    }).detach();
    wait_for_socket(question->event.value(), POLLIN, clock, until, stop);
    if (question->is_answered) return std::move(question->answer);
    return {.found = {}, .fault = host + " cannot be looked up within the time for connecting"};
}

}  // namespace lodestone::cache
