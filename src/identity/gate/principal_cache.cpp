// The cache: what is fresh, who waits for whom, and what is forgotten when.
#include "identity/gate/principal_cache.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "db/work_await.hpp"

namespace lodestone::identity {

namespace {

constexpr std::size_t shard_count = 32;
// Of one thread; a credential that has lost its place is looked up and compared again.
constexpr std::size_t pocket_entries = limits::cached_principals / 16;

std::uint64_t next_number() {
    static std::atomic<std::uint64_t> number{0};
    return ++number;
}

std::string key_of(TokenKind kind, const std::string& public_id) {
    return std::string(1, static_cast<char>('0' + static_cast<int>(kind))) + public_id;
}
std::string key_of(const TokenText& token) {
    return key_of(token.kind, token.public_id);
}

std::size_t group_of(const TenantId& tenant) {
    return std::hash<TenantId>{}(tenant) % limits::tenant_groups;
}

void raise_to(std::atomic<std::uint64_t>& number, std::uint64_t least) {
    std::uint64_t seen = number.load();
    while (seen < least && !number.compare_exchange_weak(seen, least)) {
    }
}

db::Unit unit_until(SteadyTime deadline) {
    return {.actor = "system", .request_id = {}, .deadline = deadline};
}

}  // namespace

struct PrincipalCache::Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, FoundCredential> kept;
    // By what is loaded and since which change: who asks after a change does not wait for what began before
    // it.
    std::unordered_map<std::string, std::vector<std::unique_ptr<Waiter>>> flights;
    // What was asked for before a single one was forgotten is answered, but not kept.
    std::uint64_t last_forgotten = 0;
};

// The tenants' policies, as one load sees them.
class PrincipalCache::Shelf final : public PolicyShelf {
  public:
    Shelf(PrincipalCache& cache, std::uint64_t asked) : cache_(cache), asked_(asked) {}
    std::shared_ptr<const PolicySet> find(const TenantId& tenant) override {
        return cache_.find_policies(tenant);
    }
    void keep(const TenantId& tenant, std::shared_ptr<const PolicySet> policies) override {
        cache_.keep_policies(tenant, std::move(policies), asked_);
    }

  private:
    PrincipalCache& cache_;
    std::uint64_t asked_;
};

// Goes on on the loop of whoever waits.
template <class Handler>
class PrincipalCache::LoopWaiter final : public Waiter {
  public:
    explicit LoopWaiter(Handler handler) : handler_(std::move(handler)) {}
    void resume(std::exception_ptr failure, FoundCredential found) override {
        auto executor = boost::asio::get_associated_executor(handler_);
        boost::asio::post(executor, [handler = std::move(handler_), failure = std::move(failure),
                                     found = std::move(found)]() mutable {
            handler(std::move(failure), std::move(found));
        });
    }

  private:
    Handler handler_;
};

PrincipalCache::PrincipalCache(Context& context, db::Database& database)
    : context_(context),
      database_(database),
      number_(next_number()),
      hits_(context.metrics.counter("lodestone_principals_total",
                                    "Credentials that were asked for, by where they were.",
                                    {{"found", "memory"}})),
      misses_(context.metrics.counter("lodestone_principals_total",
                                      "Credentials that were asked for, by where they were.",
                                      {{"found", "database"}})) {
    for (std::size_t i = 0; i < shard_count; ++i) shards_.push_back(std::make_unique<Shard>());
    context.random.fill(fingerprint_key_);
}

PrincipalCache::~PrincipalCache() = default;

PrincipalCache::Shard& PrincipalCache::shard_of(const std::string& key) const {
    return *shards_[std::hash<std::string>{}(key) % shard_count];
}

bool PrincipalCache::is_fresh(SteadyTime loaded, std::uint64_t asked, const TenantId& tenant,
                              SteadyTime now) const {
    return loaded <= now && now - loaded < limits::principal_lifetime && last_of_all_.load() <= asked &&
           last_of_group_[group_of(tenant)].load() <= asked;
}

FoundCredential PrincipalCache::find(const TokenText& token) {
    const std::string key = key_of(token);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.kept.find(key);
    if (found == shard.kept.end() || !is_fresh(*found->second, context_.clock.steady_now())) return nullptr;
    hits_.add();
    return found->second;
}

PrincipalCache::Fingerprint PrincipalCache::fingerprint(std::string_view shown) const {
    std::array<std::uint8_t, crypto_shorthash_siphashx24_BYTES> hash{};
    crypto_shorthash_siphashx24(hash.data(), reinterpret_cast<const unsigned char*>(shown.data()),
                                shown.size(), fingerprint_key_.data());
    Fingerprint fingerprint;
    std::memcpy(&fingerprint.low, hash.data(), sizeof fingerprint.low);
    std::memcpy(&fingerprint.high, hash.data() + sizeof fingerprint.low, sizeof fingerprint.high);
    return fingerprint;
}

// A program has one cache; where there are several, in tests, a thread keeps what it had of the last one.
PrincipalCache::Pocket& PrincipalCache::own_pocket() const {
    thread_local Pocket pocket;
    if (pocket.owner != number_) pocket = {.owner = number_, .credentials = {}};
    return pocket;
}

FoundCredential PrincipalCache::find_verified(std::string_view shown, SteadyTime now) {
    const Pocket& pocket = own_pocket();
    const auto found = pocket.credentials.find(fingerprint(shown));
    if (found == pocket.credentials.end() || !is_fresh(*found->second, now)) return nullptr;
    hits_.add();
    return found->second;
}

void PrincipalCache::keep_verified(std::string_view shown, const FoundCredential& credential) {
    const Fingerprint key = fingerprint(shown);
    FoundCredential own(credential.get(), [credential](const KnownCredential*) {});
    Pocket& pocket = own_pocket();
    if (pocket.credentials.size() >= pocket_entries && !pocket.credentials.contains(key))
        pocket.credentials.erase(pocket.credentials.begin());
    pocket.credentials.insert_or_assign(key, std::move(own));
}

Task<FoundCredential> PrincipalCache::find_or_load(TokenText token, SteadyTime deadline) {
    if (FoundCredential found = find(token)) co_return found;
    misses_.add();
    using Token = boost::asio::use_awaitable_t<LoopExecutor>;
    auto start = [&](auto handler) {
        join(token, deadline, std::make_unique<LoopWaiter<decltype(handler)>>(std::move(handler)));
    };
    FoundCredential found =
        co_await boost::asio::async_initiate<const Token, void(std::exception_ptr, FoundCredential)>(
            std::move(start), Token{});
    co_return found;
}

void PrincipalCache::join(const TokenText& token, SteadyTime deadline, std::unique_ptr<Waiter> waiter) {
    const std::string key = key_of(token);
    const std::uint64_t asked = changes_.load();
    const std::string flight = key + '#' + std::to_string(asked);
    Shard& shard = shard_of(key);
    {
        const std::lock_guard lock(shard.mutex);
        auto& waiters = shard.flights[flight];
        waiters.push_back(std::move(waiter));
        if (waiters.size() > 1) return;
    }
    const SteadyTime loaded = context_.clock.steady_now();
    auto load = [this, token, asked](db::Tx& tx) {
        Shelf shelf(*this, asked);
        return load_credential(tx, token, shelf);
    };
    database_.read_for(
        [this, key, flight, loaded, asked](std::exception_ptr failure, auto kept) {
            FoundCredential found;
            std::optional<KnownCredential> known;
            if (!failure) known = kept.take();
            if (known) {
                known->loaded = loaded;
                known->asked = asked;
                found = std::make_shared<const KnownCredential>(*std::move(known));
            }
            end_load(key, flight, std::move(found), db::for_client(std::move(failure)));
        },
        unit_until(deadline), std::move(load));
}

void PrincipalCache::end_load(const std::string& key, const std::string& flight, FoundCredential found,
                              std::exception_ptr failure) {
    Shard& shard = shard_of(key);
    std::vector<std::unique_ptr<Waiter>> waiters;
    {
        const std::lock_guard lock(shard.mutex);
        waiters = std::move(shard.flights[flight]);
        shard.flights.erase(flight);
        const auto before = shard.kept.find(key);
        const bool is_first = before == shard.kept.end();
        if (found != nullptr && found->asked < shard.last_forgotten)
            found->is_outdated->store(true);
        else if (found != nullptr && (is_first || before->second->asked <= found->asked)) {
            if (is_first && shard.kept.size() >= limits::cached_principals / shard_count)
                shard.kept.erase(shard.kept.begin());
            shard.kept.insert_or_assign(key, found);
        }
    }
    for (const auto& waiter : waiters) waiter->resume(failure, found);
}

std::shared_ptr<const PolicySet> PrincipalCache::find_policies(const TenantId& tenant) {
    const std::lock_guard lock(policies_mutex_);
    const auto found = policies_.find(tenant);
    if (found == policies_.end() ||
        !is_fresh(found->second.loaded, found->second.asked, tenant, context_.clock.steady_now()))
        return nullptr;
    return found->second.policies;
}

void PrincipalCache::keep_policies(const TenantId& tenant, std::shared_ptr<const PolicySet> policies,
                                   std::uint64_t asked) {
    const std::lock_guard lock(policies_mutex_);
    const auto before = policies_.find(tenant);
    if (before != policies_.end() && before->second.asked > asked) return;
    if (before == policies_.end() && policies_.size() >= limits::cached_policy_sets)
        policies_.erase(policies_.begin());
    policies_.insert_or_assign(tenant, Shelved{std::move(policies), context_.clock.steady_now(), asked});
}

Task<std::shared_ptr<const PolicySet>> PrincipalCache::find_or_load_policies(TenantId tenant,
                                                                             SteadyTime deadline) {
    if (auto policies = find_policies(tenant)) co_return policies;
    const std::uint64_t asked = changes_.load();
    auto load = [&tenant](db::Tx& tx) { return load_policies(tx, tenant); };
    auto policies = co_await database_.read(unit_until(deadline), std::move(load));
    keep_policies(tenant, policies, asked);
    co_return policies;
}

Task<std::optional<Principal>> PrincipalCache::load_user(TenantId tenant, UserId user, SteadyTime deadline) {
    const std::uint64_t asked = changes_.load();
    auto load = [this, &tenant, &user, asked](db::Tx& tx) {
        Shelf shelf(*this, asked);
        return identity::load_user(tx, tenant, user, shelf);
    };
    auto found = co_await database_.read(unit_until(deadline), std::move(load));
    co_return found;
}

void PrincipalCache::forget(const TenantId& tenant) {
    raise_to(last_of_group_[group_of(tenant)], changes_.fetch_add(1) + 1);
}

void PrincipalCache::forget_session(const std::string& public_id) {
    const std::string key = key_of(TokenKind::session, public_id);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    shard.last_forgotten = changes_.fetch_add(1) + 1;
    const auto found = shard.kept.find(key);
    if (found == shard.kept.end()) return;
    found->second->is_outdated->store(true);  // also where it is kept by its text
    shard.kept.erase(found);
}

void PrincipalCache::forget_everything() {
    raise_to(last_of_all_, changes_.fetch_add(1) + 1);
}

std::size_t PrincipalCache::size() const {
    std::size_t size = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard->mutex);
        size += shard->kept.size();
    }
    return size;
}

}  // namespace lodestone::identity
