// Quotas, against what usage says. Those of an app and of a tenant are about several repositories, whose
// usage stands in different rows: who is held to one touches the app's or tenant's row before adding up.
#include "packages/quota.hpp"

#include <boost/describe/class.hpp>
#include <optional>
#include <string>

#include "base/problem.hpp"
#include "identity/nouns/app_config.hpp"
#include "identity/nouns/tenant_settings.hpp"
#include "packages/repository_settings.hpp"
#include "packages/shown_blob.hpp"
#include "packages/unclaimed.hpp"

namespace lodestone::packages {

using db::Tx;

// What is set for all that a repository counts towards, as it is stored.
struct StoredQuotas {
    std::string app_name;
    std::string app_config;
    std::string tenant_settings;
    std::int64_t repository_number = 0;
};
BOOST_DESCRIBE_STRUCT(StoredQuotas, (), (app_name, app_config, tenant_settings, repository_number))

namespace {

const db::Query<StoredQuotas, TenantId, RepositoryId> find_quotas{
    "quota.find",
    "SELECT a.name AS app_name, a.config AS app_config, t.settings AS tenant_settings, "
    "       r.number AS repository_number "
    "FROM repositories AS r JOIN apps AS a ON a.tenant_id = r.tenant_id AND a.id = r.app_id "
    "JOIN tenants AS t ON t.id = r.tenant_id "
    "WHERE r.tenant_id = $1 AND r.id = $2"};

const db::Command<TenantId> touch_tenant{"quota.touch_tenant",
                                         "UPDATE tenants SET status = status WHERE id = $1"};
const db::Command<TenantId, AppId> touch_app{
    "quota.touch_app", "UPDATE apps SET status = status WHERE tenant_id = $1 AND id = $2"};

struct Quotas {
    RepositoryQuota of_repository;
    std::optional<std::int64_t> of_app;
    std::optional<std::int64_t> of_tenant;
    std::string app_name;
    std::int64_t repository_number = 0;
};

// Both documents are long, and neither says much of quotas as a rule.
bool speaks_of_bytes(const std::string& json) {
    return json.find("\"max_bytes\"") != json.npos;
}

Quotas need_quotas(Tx& tx, const TenantId& tenant, const Repository& repository) {
    const StoredQuotas stored = tx.one(find_quotas, tenant, repository.id);
    Quotas quotas{.of_repository = parse_repository_settings(repository.settings).quota,
                  .of_app = std::nullopt,
                  .of_tenant = std::nullopt,
                  .app_name = stored.app_name,
                  .repository_number = stored.repository_number};
    if (speaks_of_bytes(stored.app_config))
        quotas.of_app = identity::parse_app_config(stored.app_config).quota.max_bytes;
    if (speaks_of_bytes(stored.tenant_settings))
        quotas.of_tenant = identity::parse_tenant_settings(stored.tenant_settings).max_bytes;
    return quotas;
}

bool has_room(std::int64_t had, std::int64_t more, std::optional<std::int64_t> most) {
    return !most || more <= 0 || had + more <= *most;
}

Problem no_room(const std::string& whose, std::int64_t most, const char* what, std::int64_t wanted,
                const std::string& advice) {
    return {problems::conflict, whose + " may hold " + std::to_string(most) + " " + what +
                                    ", and would hold " + std::to_string(wanted) + ": " + advice + "."};
}

using Lack = std::optional<Problem>;

void throw_if(Lack lack) {
    if (lack) throw *std::move(lack);
}

Lack find_lack_of_repository(Tx& tx, const TenantId& tenant, const Repository& repository,
                             const RepositoryQuota& quota, const Usage& more) {
    if (!quota.max_bytes && !quota.max_packages) return std::nullopt;
    const Usage had = find_usage(tx, {tenant, repository.id});
    const std::string whose = "The repository " + repository.name;
    if (!has_room(had.bytes, more.bytes, quota.max_bytes))
        return no_room(whose, *quota.max_bytes, "bytes", had.bytes + more.bytes,
                       "delete something, or raise settings.quota.max_bytes");
    if (!has_room(had.package_count, more.package_count, quota.max_packages))
        return no_room(whose, *quota.max_packages, "packages", had.package_count + more.package_count,
                       "delete something, or raise settings.quota.max_packages");
    return std::nullopt;
}

Lack find_lack_of_app(Tx& tx, const TenantId& tenant, const AppId& app, const Quotas& quotas,
                      std::int64_t more) {
    if (!quotas.of_app) return std::nullopt;
    const std::int64_t had = find_app_bytes(tx, tenant, app);
    if (has_room(had, more, quotas.of_app)) return std::nullopt;
    return no_room("The app " + quotas.app_name, *quotas.of_app, "bytes", had + more,
                   "delete something from one of its repositories, or have its config.quota.max_bytes "
                   "raised");
}

Lack find_lack_of_tenant(Tx& tx, const TenantId& tenant, const Quotas& quotas, std::int64_t more) {
    if (!quotas.of_tenant) return std::nullopt;
    const std::int64_t had = find_tenant_bytes(tx, tenant);
    if (has_room(had, more, quotas.of_tenant)) return std::nullopt;
    return no_room("The tenant " + tenant.text(), *quotas.of_tenant, "bytes", had + more,
                   "delete something, or have a platform administrator raise its settings.max_bytes");
}

// In the same order everywhere, so that nobody waits for somebody who waits for them.
void check_shared(Tx& tx, const TenantId& tenant, const AppId& app, const Quotas& quotas, std::int64_t more) {
    if (more <= 0) return;
    if (quotas.of_app) tx.run(touch_app, tenant, app);
    throw_if(find_lack_of_app(tx, tenant, app, quotas, more));
    if (quotas.of_tenant) tx.run(touch_tenant, tenant);
    throw_if(find_lack_of_tenant(tx, tenant, quotas, more));
}

// What has come before and is named by nothing yet comes on top: it is not in anybody's usage.
Lack foresee_lack(Tx& tx, const TenantId& tenant, const Repository& repository, const Quotas& quotas,
                  std::int64_t bytes) {
    Lack lack;
    if (quotas.of_repository.max_bytes)
        lack = find_lack_of_repository(
            tx, tenant, repository, quotas.of_repository,
            Usage{.bytes = bytes + find_unclaimed_bytes(tx, {tenant, repository.id})});
    if (!lack && quotas.of_app)
        lack = find_lack_of_app(tx, tenant, repository.app_id, quotas,
                                bytes + find_unclaimed_bytes(tx, tenant, repository.app_id));
    if (!lack && quotas.of_tenant)
        lack = find_lack_of_tenant(tx, tenant, quotas, bytes + find_unclaimed_bytes(tx, tenant));
    return lack;
}

}  // namespace

void check_quota(Tx& tx, const TenantId& tenant, const Repository& repository, const Usage& difference) {
    if (difference.bytes <= 0 && difference.package_count <= 0) return;
    const Quotas quotas = need_quotas(tx, tenant, repository);
    throw_if(find_lack_of_repository(tx, tenant, repository, quotas.of_repository, difference));
    check_shared(tx, tenant, repository.app_id, quotas, difference.bytes);
}

void foresee_quota(Tx& tx, const TenantId& tenant, const Repository& repository, std::int64_t bytes) {
    const Quotas quotas = need_quotas(tx, tenant, repository);
    Lack lack = foresee_lack(tx, tenant, repository, quotas, bytes);
    // What the repository has already takes none. That is a guess, so it is made for one at a time: if it was
    // wrong, what has come is counted when the next ones come.
    if (lack && has_blob_of_size(tx, tenant, quotas.repository_number, bytes))
        lack = foresee_lack(tx, tenant, repository, quotas, 0);
    throw_if(std::move(lack));
}

void check_room_to_return(Tx& tx, const TenantId& tenant, const Repository& repository) {
    check_shared(tx, tenant, repository.app_id, need_quotas(tx, tenant, repository),
                 find_usage(tx, {tenant, repository.id}).bytes);
}

}  // namespace lodestone::packages
