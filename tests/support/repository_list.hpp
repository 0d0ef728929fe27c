// Repositories for tests of the gate: what a directory tells of them, kept in a map.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "identity/gate/repository_directory.hpp"

namespace lodestone::test {

class RepositoryList final : public identity::RepositoryDirectory {
  public:
    void set(const std::string& tenant, identity::RepositoryFacts facts) {
        const std::string name = facts.name;
        repositories_[{tenant, name}] = std::make_shared<const identity::RepositoryFacts>(std::move(facts));
    }
    // Whether what is asked for is in memory, or has to be waited for.
    void keep_in_memory(bool is_in_memory) { is_in_memory_ = is_in_memory; }
    int loads() const { return loads_; }

    std::optional<identity::FoundRepository> find_now(const TenantId& tenant,
                                                      std::string_view name) override {
        if (!is_in_memory_) return std::nullopt;
        return look_up(tenant, std::string(name));
    }
    Task<identity::FoundRepository> find(TenantId tenant, std::string name,
                                         SteadyTime /*deadline*/) override {
        ++loads_;
        co_return look_up(tenant, name);
    }

  private:
    identity::FoundRepository look_up(const TenantId& tenant, const std::string& name) const {
        const auto found = repositories_.find({tenant.text(), name});
        return found == repositories_.end() ? nullptr : found->second;
    }

    std::map<std::pair<std::string, std::string>, identity::FoundRepository> repositories_;
    bool is_in_memory_ = true;
    int loads_ = 0;
};

}  // namespace lodestone::test
