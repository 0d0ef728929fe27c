// Admission of connections and the wait for the last one to go.
#include "http/server/server_state.hpp"

#include <algorithm>
#include <cstring>

#include "base/memory.hpp"

namespace lodestone::http {

namespace {

constexpr const char* refused_name = "lodestone_connections_refused_total";
constexpr const char* refused_help = "Connections turned away before a request, by reason.";

}  // namespace

ServerState::ServerState(ServerOptions server_options, Context& server_context, Serve server_serve,
                         WorkerThreads& workers)
    : options(std::move(server_options)),
      serve(std::move(server_serve)),
      context(server_context),
      body_budget(options.buffered_bodies_bytes, context.metrics),
      accepted(context.metrics.counter("lodestone_connections_accepted_total", "Connections accepted.")),
      refused_full(context.metrics.counter(refused_name, refused_help, {{"reason", "server_full"}})),
      refused_client(context.metrics.counter(refused_name, refused_help, {{"reason", "client_full"}})),
      refused_descriptors(
          context.metrics.counter(refused_name, refused_help, {{"reason", "no_descriptors"}})),
      refused_watches(context.metrics.counter(refused_name, refused_help, {{"reason", "no_watches"}})),
      refused_handshakes(context.metrics.counter(refused_name, refused_help, {{"reason", "tls_handshake"}})),
      refused_plain(context.metrics.counter(refused_name, refused_help, {{"reason", "plain_http"}})),
      gave_way(context.metrics.counter("lodestone_connections_gave_way_total",
                                       "Idle connections closed in a full server to let others in.")),
      workers_(workers),
      open_gauge_(context.metrics.gauge("lodestone_connections_open", "Connections open now.")) {}

std::size_t ServerState::AddressHash::operator()(const Address& address) const {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, address.bytes.data(), sizeof high);
    std::memcpy(&low, address.bytes.data() + sizeof high, sizeof low);
    return static_cast<std::size_t>((high ^ (low * 0x9E3779B97F4A7C15ull)) * 0xD6E8FEB86659FD93ull);
}

// Only the first loop admits, so nobody takes a place between the question and the answer.
ServerState::Admission ServerState::admit(const Applicant& applicant,
                                          const std::function<bool()>& make_room) {
    if (applicant.is_counted_per_client && is_client_full(applicant.address)) {
        refused_client.add();
        return Admission::client_full;
    }
    if (!has_place(applicant, make_room)) {
        refused_full.add();
        return Admission::server_full;
    }
    if (applicant.is_counted_per_client) {
        const std::lock_guard lock(mutex_);
        ++per_client_[client_prefix(applicant.address)];
    }
    const std::size_t open = connections_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (open > peak_.load(std::memory_order_relaxed)) peak_.store(open, std::memory_order_relaxed);
    open_gauge_.add(1);
    accepted.add();
    return Admission::admitted;
}

bool ServerState::is_client_full(const Address& client) {
    const std::lock_guard lock(mutex_);
    const auto entry = per_client_.find(client_prefix(client));
    const std::size_t count = entry == per_client_.end() ? 0 : entry->second;
    return count >= options.connections_per_client;
}

bool ServerState::has_place(const Applicant& applicant, const std::function<bool()>& make_room) const {
    if (connection_count() < options.connections) return true;
    const bool is_crowded_now = is_crowded();  // then somebody may give way, but not yet to this one
    if (make_room() && !is_crowded_now) return true;
    return applicant.is_operator &&
           connection_count() < options.connections + limits::exchange_places + limits::operator_places;
}

void ServerState::release(const Address& client, bool is_counted_per_client) {
    open_gauge_.add(-1);
    const std::lock_guard lock(mutex_);
    if (is_counted_per_client) {
        const auto entry = per_client_.find(client_prefix(client));
        if (--entry->second == 0) per_client_.erase(entry);
    }
    const std::size_t left = connections_.fetch_sub(1, std::memory_order_relaxed) - 1;
    if (left == 0) emptied_.notify_all();
    note_left(left);
}

// A crowd that has gone leaves its memory with the allocator. Whoever is still there keeps pages of it from
// going, so it is given back again each time that three quarters have left, until hardly anybody is.
void ServerState::note_left(std::size_t left) {
    const std::size_t peak = peak_.load(std::memory_order_relaxed);
    if (left > peak / 4) return;
    if (!is_crowd_leaving_ && peak - left < limits::crowd_connections) return;
    is_crowd_leaving_ = left >= limits::crowd_connections / 64;
    peak_.store(left, std::memory_order_relaxed);
    workers_.submit(give_memory_back);
}

bool ServerState::wait_until_empty(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_for(lock, timeout, [this] { return connections_.load() == 0; });
}

bool ServerState::is_trusted_proxy(const Address& address) const {
    return std::any_of(options.trusted_proxies.begin(), options.trusted_proxies.end(),
                       [&](const Network& network) { return network.contains(address); });
}

}  // namespace lodestone::http
