// The connections of one loop to upstreams: idle ones wait here to be used again, and nobody gets more at one
// time than the bounds say. One loop, one thread: nothing in here needs a lock.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/limits.hpp"
#include "base/task.hpp"
#include "http/client/client_connection.hpp"
#include "http/wire/event.hpp"

namespace lodestone::http {

struct PoolBounds {
    std::size_t connections = limits::upstream_connections;  // in use and idle together
    std::size_t connections_per_origin = limits::upstream_connections_per_host;
    std::size_t waiters = limits::upstream_waiters;
    std::chrono::milliseconds idle_timeout = limits::upstream_idle_timeout;
};

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
  public:
    ConnectionPool(Loop& loop, const PoolBounds& bounds);

    // The right to one connection to an origin, with a connection that idled here or none yet. Letting go of
    // it closes the connection; release() keeps it for the next request.
    class Lease {
      public:
        Lease() = default;
        Lease(std::shared_ptr<ConnectionPool> pool, Origin origin);
        Lease(Lease&& other) noexcept = default;
        Lease& operator=(Lease&& other) noexcept;
        ~Lease();

        const Origin& origin() const { return origin_; }
        ClientConnection* connection() const { return connection_.get(); }
        void put(std::unique_ptr<ClientConnection> connection) { connection_ = std::move(connection); }
        explicit operator bool() const { return pool_ != nullptr; }
        void release();

      private:
        friend class ConnectionPool;
        std::shared_ptr<ConnectionPool> pool_;
        Origin origin_;
        std::unique_ptr<ClientConnection> connection_;
    };

    enum class Reuse : bool { no, yes };
    // Waits in line when the bounds are reached; an empty lease when the deadline passes first, or when too
    // many wait already. Only connections to one of these addresses are used again: the request's own policy
    // has vetted them. Reuse::no: the lease comes without a connection.
    Task<Lease> acquire(Origin origin, std::vector<Address> addresses, Reuse reuse, SteadyTime deadline);

    std::size_t idle_count() const { return idle_.size(); }
    std::size_t in_use_count() const { return in_use_; }

  private:
    struct Idle {
        Origin origin;
        std::unique_ptr<ClientConnection> connection;
        SteadyTime since;
    };
    struct Want {
        Origin origin;
        std::vector<Address> addresses;
        Reuse reuse;
    };
    class Waiter;
    using OriginKey = std::tuple<std::string, std::uint16_t, SSL_CTX*, std::string>;

    Lease try_acquire(const Want& want);
    std::unique_ptr<ClientConnection> take_idle(const Want& want);
    bool take_slot(const Origin& origin);
    void free_slot(const Origin& origin);
    bool close_oldest_idle(const Origin* of_origin);
    void keep_idle(const Origin& origin, std::unique_ptr<ClientConnection> connection);
    void close_stale();
    void start_sweep();

    Loop& loop_;
    PoolBounds bounds_;
    Timer sweep_;
    std::list<Idle> idle_;  // the longest idle first
    std::list<Waiter*> waiters_;
    std::map<OriginKey, std::size_t> in_use_by_origin_;
    std::size_t in_use_ = 0;
};

}  // namespace lodestone::http
