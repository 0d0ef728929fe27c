// Credentials that were loaded a moment ago, so that a request costs one look into memory. Bounded, and safe
// from every thread; several requests that miss the same credential load it once.
//
// What is kept is believed for limits::principal_lifetime and no longer than its tenant stays unchanged:
// whoever changes something there says so with forget(), after the change is committed. What was being loaded
// at that moment is not believed either.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/context.hpp"
#include "base/limits.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "cache/flight_memory.hpp"
#include "cache/tenant_changes.hpp"
#include "db/database.hpp"
#include "identity/gate/principal_records.hpp"

namespace lodestone::identity {

using FoundCredential = std::shared_ptr<const KnownCredential>;  // null: there is none such

class PrincipalCache {
  public:
    PrincipalCache(Context& context, db::Database& database);
    ~PrincipalCache();
    PrincipalCache(const PrincipalCache&) = delete;
    PrincipalCache& operator=(const PrincipalCache&) = delete;

    // What is kept and may be believed; null when it has to be loaded.
    FoundCredential find(const TokenText& token);
    // By what was shown, whose secret this thread has found right before: one keyed hash and one look, at
    // memory that no other thread uses. `now` is the caller's, who knows it already.
    FoundCredential find_verified(std::string_view shown, SteadyTime now);
    void keep_verified(std::string_view shown, const FoundCredential& credential);
    // From memory or from the database. Throws what the database throws: Problem(unavailable) when it is
    // away.
    Task<FoundCredential> find_or_load(TokenText token, SteadyTime deadline);
    // Null: they have to be loaded.
    std::shared_ptr<const PolicySet> find_policies(const TenantId& tenant);
    Task<std::shared_ptr<const PolicySet>> find_or_load_policies(TenantId tenant, SteadyTime deadline);
    Task<std::optional<Principal>> load_user(TenantId tenant, UserId user, SteadyTime deadline);

    void forget(const TenantId& tenant);
    // The session that this token was of has another one.
    void forget_session(const std::string& public_id);
    void forget_everything();

    std::size_t size() const { return memory_.size(); }

  private:
    struct Shelved {
        std::shared_ptr<const PolicySet> policies;
        SteadyTime loaded{};
        std::uint64_t asked = 0;  // changes_.last() when they were asked for
    };
    // Of the whole text that was shown, under a key that dies with the process.
    struct Fingerprint {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        bool operator==(const Fingerprint&) const = default;
    };
    struct FingerprintHash {
        std::size_t operator()(const Fingerprint& fingerprint) const { return fingerprint.low; }
    };
    // What a thread has found right. The pointers have counts of references of their own: one for all threads
    // would go from core to core with every request.
    struct Pocket {
        std::uint64_t owner = 0;
        std::unordered_map<Fingerprint, FoundCredential, FingerprintHash> credentials;
    };
    class Shelf;
    using Memory = cache::FlightMemory<FoundCredential>;

    bool is_fresh(SteadyTime loaded, std::uint64_t asked, const TenantId& tenant, SteadyTime now) const {
        return loaded <= now && now - loaded < limits::principal_lifetime &&
               changes_.is_current(asked, tenant);
    }
    void load(const TokenText& token, SteadyTime deadline, std::uint64_t asked);
    bool is_fresh(const KnownCredential& known, SteadyTime now) const {
        return !known.is_outdated->load() &&
               is_fresh(known.loaded, known.asked, known.principal->tenant, now);
    }
    Fingerprint fingerprint(std::string_view shown) const;
    Pocket& own_pocket() const;
    void keep_policies(const TenantId& tenant, std::shared_ptr<const PolicySet> policies,
                       std::uint64_t asked);

    Context& context_;
    db::Database& database_;
    cache::TenantChanges<limits::tenant_groups> changes_;
    Memory memory_;
    const std::uint64_t number_;  // no two caches of a process have the same
    std::array<std::uint8_t, 16> fingerprint_key_{};
    std::mutex policies_mutex_;
    std::unordered_map<TenantId, Shelved> policies_;
    Counter& hits_;
    Counter& misses_;
};

}  // namespace lodestone::identity
