// Who gets a connection: an idle one that fits, else a new one while the bounds allow, else the front of the
// line when somebody lets go.
#include "http/client/connection_pool.hpp"

#include <algorithm>

namespace lodestone::http {

// Stands in line; what it waited for is handed to it by whoever lets go.
class ConnectionPool::Waiter {
  public:
    Waiter(ConnectionPool& pool, const Want& wanted)
        : want(wanted), granted(pool.loop_.executor()), pool_(pool) {
        pool_.waiters_.push_back(this);
    }
    ~Waiter() { pool_.waiters_.remove(this); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    const Want& want;
    Lease lease;
    Event granted;

  private:
    ConnectionPool& pool_;
};

ConnectionPool::Lease::Lease(std::shared_ptr<ConnectionPool> pool, Origin origin)
    : pool_(std::move(pool)), origin_(std::move(origin)) {}

ConnectionPool::Lease& ConnectionPool::Lease::operator=(Lease&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(origin_, other.origin_);
    std::swap(connection_, other.connection_);
    return *this;
}

ConnectionPool::Lease::~Lease() {
    if (!pool_) return;
    connection_.reset();
    pool_->free_slot(origin_);
}

void ConnectionPool::Lease::release() {
    if (connection_ && connection_->is_reusable()) pool_->keep_idle(origin_, std::move(connection_));
    const Lease done = std::move(*this);
}

ConnectionPool::ConnectionPool(Loop& loop, const PoolBounds& bounds)
    : loop_(loop), bounds_(bounds), sweep_(loop.executor()) {}

Task<ConnectionPool::Lease> ConnectionPool::acquire(Origin origin, std::vector<Address> addresses,
                                                    Reuse reuse, SteadyTime deadline) {
    // Whoever waits keeps the pool.
    const auto self = shared_from_this();
    const Want want{std::move(origin), std::move(addresses), reuse};
    Lease lease = try_acquire(want);
    if (lease || waiters_.size() >= bounds_.waiters) co_return lease;
    Waiter waiter(*this, want);
    co_await waiter.granted.wait(deadline);
    co_return std::move(waiter.lease);
}

ConnectionPool::Lease ConnectionPool::try_acquire(const Want& want) {
    auto connection = take_idle(want);
    if (!take_slot(want.origin)) return {};
    Lease lease(shared_from_this(), want.origin);
    if (connection) lease.put(std::move(connection));
    return lease;
}

// The connection used last is the least likely to have been closed meanwhile.
std::unique_ptr<ClientConnection> ConnectionPool::take_idle(const Want& want) {
    close_stale();
    if (want.reuse == Reuse::no) return nullptr;
    for (auto at = idle_.end(); at != idle_.begin();) {
        --at;
        if (at->origin != want.origin) continue;
        if (std::ranges::find(want.addresses, at->connection->address()) == want.addresses.end()) continue;
        auto connection = std::move(at->connection);
        at = idle_.erase(at);
        if (connection->is_reusable()) return connection;
    }
    return nullptr;
}

bool ConnectionPool::take_slot(const Origin& origin) {
    const auto key = OriginKey{origin.host, origin.port, origin.tls.get(), origin.unix_path};
    const auto at = in_use_by_origin_.find(key);
    const std::size_t in_use = at == in_use_by_origin_.end() ? 0 : at->second;
    const auto is_same = [&](const Idle& idle) { return idle.origin == origin; };
    const auto idle = static_cast<std::size_t>(std::ranges::count_if(idle_, is_same));
    if (in_use + idle >= bounds_.connections_per_origin && !close_oldest_idle(&origin)) return false;
    if (in_use_ + idle_.size() >= bounds_.connections && !close_oldest_idle(nullptr)) return false;
    ++in_use_;
    ++in_use_by_origin_[key];
    return true;
}

bool ConnectionPool::close_oldest_idle(const Origin* of_origin) {
    const auto at = std::ranges::find_if(
        idle_, [&](const Idle& idle) { return of_origin == nullptr || idle.origin == *of_origin; });
    if (at == idle_.end()) return false;
    idle_.erase(at);
    return true;
}

void ConnectionPool::free_slot(const Origin& origin) {
    const auto at =
        in_use_by_origin_.find(OriginKey{origin.host, origin.port, origin.tls.get(), origin.unix_path});
    if (--at->second == 0) in_use_by_origin_.erase(at);
    --in_use_;
    // The first in line who can use what has become free; others may still be held up by their own origin.
    for (Waiter* waiter : waiters_) {
        if (waiter->granted.has_happened()) continue;
        Lease lease = try_acquire(waiter->want);
        if (!lease) continue;
        waiter->lease = std::move(lease);
        waiter->granted.notify();
        return;
    }
}

void ConnectionPool::keep_idle(const Origin& origin, std::unique_ptr<ClientConnection> connection) {
    connection->rest();
    idle_.push_back({origin, std::move(connection), std::chrono::steady_clock::now()});
    if (idle_.size() == 1) start_sweep();
}

void ConnectionPool::close_stale() {
    const auto now = std::chrono::steady_clock::now();
    while (!idle_.empty() && idle_.front().since + bounds_.idle_timeout <= now) idle_.pop_front();
}

void ConnectionPool::start_sweep() {
    if (idle_.empty()) return;
    sweep_.expires_at(idle_.front().since + bounds_.idle_timeout);
    sweep_.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
        const auto self = weak.lock();
        if (cancelled || !self) return;
        self->close_stale();
        self->start_sweep();
    });
}

}  // namespace lodestone::http
