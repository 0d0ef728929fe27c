// Quotas, against what a repository's usage says.
#include "packages/quota.hpp"

#include <optional>
#include <string>

#include "base/problem.hpp"
#include "packages/repository_settings.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

void check_most(std::int64_t had, std::int64_t more, std::optional<std::int64_t> most,
                const Repository& repository, const char* what, const char* setting) {
    if (!most || more <= 0 || had + more <= *most) return;
    throw Problem(problems::conflict, "The repository " + repository.name + " may hold " +
                                          std::to_string(*most) + " " + what + ", and would hold " +
                                          std::to_string(had + more) +
                                          ": delete something, or raise settings.quota." + setting + ".");
}

}  // namespace

void check_quota(Tx& tx, const TenantId& tenant, const Repository& repository, const Usage& difference) {
    const RepositoryQuota quota = parse_repository_settings(repository.settings).quota;
    if (!quota.max_bytes && !quota.max_packages) return;
    const Usage usage = find_usage(tx, {tenant, repository.id});
    check_most(usage.bytes, difference.bytes, quota.max_bytes, repository, "bytes", "max_bytes");
    check_most(usage.package_count, difference.package_count, quota.max_packages, repository, "packages",
               "max_packages");
}

}  // namespace lodestone::packages
