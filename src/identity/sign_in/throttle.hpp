// How often somebody may try to sign in. Failures are counted by account and by address; from a number on,
// each makes the next one wait longer, never for good, and nobody can sit at a thousand accounts at once.
//
// An account is what was typed as its name, whether there is one or not, so that waiting tells nothing; and
// from an address from which its user has signed in lately it is one of its own (sign_in.cpp), so that
// strangers keep nobody out who is where they usually are. Elsewhere they can, for as long as they go on.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace lodestone::identity {

struct ThrottleRules {
    std::int64_t free_failures = 5;               // these cost no waiting
    std::chrono::seconds longest_delay{15 * 60};  // how far the delay grows: 1 s, 2 s, 4 s …
    std::chrono::seconds memory{60 * 60};         // without a failure for so long, counting begins anew

    bool operator==(const ThrottleRules&) const = default;
    // How long to wait after the last of so many failures.
    std::chrono::seconds delay_after(std::int64_t failures) const;
};

class Throttle {
  public:
    // Remembers limits::throttled_names at most: whom it has not seen for longest goes first.
    explicit Throttle(const Clock& clock) : clock_(clock) {}

    // Counts a try as a failure before it is known whether it is one, so that many at once gain nothing.
    // Throws Problem(too_many_requests) with a Retry-After when it is too early; then nothing is counted.
    void attempt(std::string_view account, std::string_view address);
    // It was none: the account's failures are forgotten, and the address's last.
    void forgive(std::string_view account, std::string_view address);
    // It was neither: something was right, and more is still to come. Takes back what attempt() counted.
    void withdraw(std::string_view account, std::string_view address);

    // The same of departures for a provider, by the address alone, and apart from the rest: who is led to
    // leave often, or does not come back, has not failed to sign in.
    void attempt_departure(std::string_view address);
    void forgive_departure(std::string_view address);

    std::size_t size() const;

  private:
    struct Entry {
        std::string name;
        std::int64_t failures = 0;
        SteadyTime last{};
    };
    using Entries = std::list<Entry>;

    // How much longer this one has to wait.
    std::chrono::seconds waiting(const std::string& name, const ThrottleRules& rules);
    void count(const std::string& name);
    void drop(Entries::iterator entry);
    void uncount(const std::string& name);

    const Clock& clock_;
    mutable std::mutex mutex_;
    Entries entries_;  // the one seen last in front
    std::unordered_map<std::string, Entries::iterator> by_name_;
};

}  // namespace lodestone::identity
