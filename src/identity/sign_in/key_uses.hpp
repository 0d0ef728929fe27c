// When keys were used last, gathered in memory and written down together about once a minute, so that no
// request waits for it. What a node had gathered when it was killed is lost.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "identity/nouns/key.hpp"

namespace lodestone::identity {

class KeyUses {
  public:
    explicit KeyUses(const Clock& clock) : clock_(clock), written_at_(clock.steady_now()) {}

    // From any loop, at every request with a key; costs a lookup.
    void note(const TenantId& tenant, const KeyId& key, std::string_view address);

    // Whether the last writing is a minute ago and there is something to write.
    bool is_due() const;
    // Writes what was gathered; whatever the outcome, it is gathered no more. For a thread that may block.
    void write_now(db::Database& database);
    // What was gathered, to be written with note_key_uses(); it is gathered no more.
    std::vector<KeyUse> take();

  private:
    const Clock& clock_;
    mutable std::mutex mutex_;
    SteadyTime written_at_;
    std::map<std::pair<TenantId, KeyId>, KeyUse>
        waiting_;  // sorted: nodes that write the same keys meet in one order
};

}  // namespace lodestone::identity
