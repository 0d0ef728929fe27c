// Which of a tenant's things that are remembered may still be believed: changes by groups of tenants.
#pragma once

#include <functional>

#include "base/tenant_id.hpp"
#include "cache/group_changes.hpp"

namespace lodestone::cache {

template <std::size_t groups>
class TenantChanges {
  public:
    std::uint64_t last() const { return changes_.last(); }
    std::uint64_t count_one() { return changes_.count_one(); }
    void note(const TenantId& tenant) { changes_.note(group_of(tenant)); }
    void note_everything() { changes_.note_everything(); }
    bool is_current(std::uint64_t asked, const TenantId& tenant) const {
        return changes_.is_current(asked, group_of(tenant));
    }

  private:
    static std::size_t group_of(const TenantId& tenant) { return std::hash<TenantId>{}(tenant) % groups; }

    GroupChanges<groups> changes_;
};

}  // namespace lodestone::cache
