// What the connections of one server share, and the books kept over them: how many there are, in all and per
// client, and whether the server is on its way out.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/metrics.hpp"
#include "base/worker_threads.hpp"
#include "http/server/body_budget.hpp"
#include "http/server/listener.hpp"
#include "http/server/server.hpp"

namespace lodestone::http {

class ServerState {
  public:
    ServerState(ServerOptions server_options, Context& server_context, Serve server_serve,
                WorkerThreads& workers);

    enum class Admission { admitted, server_full, client_full };
    struct Applicant {
        Address address;
        bool is_counted_per_client = true;
        bool is_operator = false;
    };
    // Counts the connection when it is admitted; an Admitted then gives its place back. When all places are
    // taken, `make_room` is asked whether somebody gives way.
    Admission admit(const Applicant& applicant, const std::function<bool()>& make_room);
    // Who gives way has to be gone before anybody else can be let in.
    bool is_crowded() const { return connection_count() >= options.connections + limits::exchange_places; }
    void release(const Address& client, bool is_counted_per_client);
    std::size_t connection_count() const { return connections_.load(std::memory_order_relaxed); }
    // True when none is left, false when the time is over.
    bool wait_until_empty(std::chrono::milliseconds timeout);

    bool is_trusted_proxy(const Address& address) const;

    const ServerOptions options;
    const Serve serve;
    Context& context;
    std::vector<Listener> listeners;
    std::vector<std::string> urls;
    std::unique_ptr<TlsServer> tls;
    BodyBudget body_budget;
    std::atomic<bool> is_draining{false};  // answers ask clients to close
    std::atomic<bool> is_stopping{false};  // no new requests on old connections

    Counter& accepted;
    Counter& refused_full;
    Counter& refused_client;
    Counter& refused_descriptors;
    Counter& refused_watches;
    Counter& refused_handshakes;
    Counter& refused_plain;
    Counter& gave_way;

  private:
    struct AddressHash {
        std::size_t operator()(const Address& address) const;
    };

    bool is_client_full(const Address& client);
    bool has_place(const Applicant& applicant, const std::function<bool()>& make_room) const;

    void note_left(std::size_t left);

    WorkerThreads& workers_;
    Gauge& open_gauge_;
    std::atomic<std::size_t> connections_{0};
    std::atomic<std::size_t> peak_{0};  // of connections, since memory was given back
    bool is_crowd_leaving_ = false;     // behind the mutex
    std::mutex mutex_;
    std::condition_variable emptied_;
    std::unordered_map<Address, std::size_t, AddressHash> per_client_;
};

// An admitted connection's place, given back however the connection ends.
class Admitted {
  public:
    Admitted(std::shared_ptr<ServerState> server, const Address& client, bool is_counted_per_client)
        : server_(std::move(server)), client_(client), is_counted_per_client_(is_counted_per_client) {}
    Admitted(Admitted&&) noexcept = default;
    Admitted& operator=(Admitted&&) = delete;
    ~Admitted() {
        if (server_) server_->release(client_, is_counted_per_client_);
    }
    ServerState& server() const { return *server_; }

  private:
    std::shared_ptr<ServerState> server_;
    Address client_;
    bool is_counted_per_client_;
};

}  // namespace lodestone::http
