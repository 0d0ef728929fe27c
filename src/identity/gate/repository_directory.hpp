// What the gate has to know of a repository before it lets anybody in: whose it is and whether it is public.
// Repositories are kept by a floor above; it tells of them through the interface here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/problem.hpp"
#include "base/task.hpp"
#include "http/server/access.hpp"
#include "identity/rules/ids.hpp"
#include "identity/rules/resource.hpp"

namespace lodestone::identity {

struct RepositoryFacts {
    RepositoryId id;
    AppId app;           // empty: the tenant's own
    std::string name;    // as it is kept, whatever way the path spells it; no slash in it
    std::string format;  // "oci"
    bool is_public = false;
    bool is_app_active = true;  // or there is no app; a suspended app shows nothing to strangers
    // As the format folds the names of packages, so that one package has one name in scopes and policies.
    // Takes any text, and never throws; null: they are taken as they are written.
    std::string (*fold_name)(std::string_view name) = nullptr;
};

using FoundRepository = std::shared_ptr<const RepositoryFacts>;  // null: there is none such

// Safe from every thread. Whoever implements it keeps what it finds, and what it does not find, in bounded
// memory, and believes it no longer than until somebody here or elsewhere changes a repository or an app.
class RepositoryDirectory {
  public:
    virtual ~RepositoryDirectory() = default;
    // Absent: it is not in memory, and has to be looked for. Neither text was looked at by anybody before.
    virtual std::optional<FoundRepository> find_now(const TenantId& tenant, std::string_view name) = 0;
    // From memory or from the database; throws what the database throws.
    virtual Task<FoundRepository> find(TenantId tenant, std::string name, SteadyTime deadline) = 0;
};

// Makes of `resource`, whose tenant, type and id are set as a path has them, what scopes and policies are
// compared with: the repository by its own name, "repository:acme-npm", or what stands in it,
// "package:acme-npm/left-pad"; for all of its packages together "package:acme-npm/*". Without facts, when
// there is no such repository, it gets the name that was asked for, and belongs to no app.
void place_in_repository(Resource& resource, const RepositoryFacts* facts, std::string_view asked_name);

// Nothing for a repository of another format than the target needs.
FoundRepository of_format(FoundRepository found, const http::Target& target);

Problem no_such_repository(std::string_view name);

}  // namespace lodestone::identity
