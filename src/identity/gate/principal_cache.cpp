// The cache: what is loaded of a credential, what each thread has found right, and what makes it be
// forgotten.
#include "identity/gate/principal_cache.hpp"

#include <sodium.h>

#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "db/work_await.hpp"

namespace lodestone::identity {

namespace {

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

db::Unit unit_until(SteadyTime deadline) {
    return {.actor = "system", .request_id = {}, .deadline = deadline};
}

}  // namespace

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

PrincipalCache::PrincipalCache(Context& context, db::Database& database)
    : context_(context),
      database_(database),
      memory_(limits::cached_principals,
              [](const FoundCredential& found) { found->is_outdated->store(true); }),
      number_(next_number()),
      hits_(context.metrics.counter("lodestone_principals_total",
                                    "Credentials that were asked for, by where they were.",
                                    {{"found", "memory"}})),
      misses_(context.metrics.counter("lodestone_principals_total",
                                      "Credentials that were asked for, by where they were.",
                                      {{"found", "database"}})) {
    context.random.fill(fingerprint_key_);
}

PrincipalCache::~PrincipalCache() = default;

FoundCredential PrincipalCache::find(const TokenText& token) {
    const auto found = memory_.find(key_of(token), [this](const Memory::Kept& kept) {
        return is_fresh(*kept.value, context_.clock.steady_now());
    });
    if (!found) return nullptr;
    hits_.add();
    return *found;
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
    const std::uint64_t asked = changes_.last();
    auto begin = [&] { load(token, deadline, asked); };
    FoundCredential found = co_await memory_.load(key_of(token), asked, begin);
    co_return found;
}

void PrincipalCache::load(const TokenText& token, SteadyTime deadline, std::uint64_t asked) {
    const SteadyTime loaded = context_.clock.steady_now();
    auto look = [this, token, asked](db::Tx& tx) {
        Shelf shelf(*this, asked);
        return load_credential(tx, token, shelf);
    };
    database_.read_for(
        [this, key = key_of(token), loaded, asked](std::exception_ptr failure, auto stored) {
            Memory::Kept kept{.value = nullptr, .loaded = loaded, .asked = asked};
            std::optional<KnownCredential> known;
            if (!failure) known = stored.take();
            if (known) {
                known->loaded = loaded;
                known->asked = asked;
                kept.value = std::make_shared<const KnownCredential>(*std::move(known));
            }
            const bool is_there = kept.value != nullptr;
            memory_.end(key, {.kept = std::move(kept),
                              .is_worth_keeping = is_there,
                              .failure = db::for_client(std::move(failure))});
        },
        unit_until(deadline), std::move(look));
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
    const std::uint64_t asked = changes_.last();
    auto load = [&tenant](db::Tx& tx) { return load_policies(tx, tenant); };
    auto policies = co_await database_.read(unit_until(deadline), std::move(load));
    keep_policies(tenant, policies, asked);
    co_return policies;
}

Task<std::optional<Principal>> PrincipalCache::load_user(TenantId tenant, UserId user, SteadyTime deadline) {
    const std::uint64_t asked = changes_.last();
    auto load = [this, &tenant, &user, asked](db::Tx& tx) {
        Shelf shelf(*this, asked);
        return identity::load_user(tx, tenant, user, shelf);
    };
    auto found = co_await database_.read(unit_until(deadline), std::move(load));
    co_return found;
}

void PrincipalCache::forget(const TenantId& tenant) {
    changes_.note(tenant);
}

// Also where it is kept by its text.
void PrincipalCache::forget_session(const std::string& public_id) {
    memory_.forget(key_of(TokenKind::session, public_id), changes_.count_one());
}

void PrincipalCache::forget_everything() {
    changes_.note_everything();
}

}  // namespace lodestone::identity
