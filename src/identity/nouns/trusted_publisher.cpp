// Trusted publishers in the database: every statement first, then a function for each verb.
#include "identity/nouns/trusted_publisher.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/fold_case.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/rules/issuer.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::identity {

using db::Tx;

struct TrustedPublisherFilters {
    std::optional<AppId> app_id;
    std::optional<db::Prefix> name;
};
BOOST_DESCRIBE_STRUCT(TrustedPublisherFilters, (), (app_id, name))

namespace {

const db::Query<TrustedPublisher, TenantId, PublisherId> find_by_id{
    "publisher.find",
    "SELECT id, app_id, name, forge, issuer, repository, repository_id, owner_id, workflow, environment, "
    "       scopes, lifetime_seconds, version, created_at, created_by, updated_at, updated_by "
    "FROM trusted_publishers WHERE tenant_id = $1 AND id = $2"};

// A suspended tenant and a disabled app publish nothing.
const db::Query<TrustedPublisher, TenantId, std::string, std::int64_t> list_by_issuer{
    "publisher.list_by_issuer",
    "SELECT trusted_publishers.id, app_id, trusted_publishers.name, forge, issuer, repository, "
    "repository_id, "
    "       owner_id, workflow, environment, scopes, lifetime_seconds, trusted_publishers.version, "
    "       trusted_publishers.created_at, trusted_publishers.created_by, trusted_publishers.updated_at, "
    "       trusted_publishers.updated_by "
    "FROM trusted_publishers "
    "JOIN apps ON apps.tenant_id = trusted_publishers.tenant_id AND apps.id = trusted_publishers.app_id "
    "JOIN tenants ON tenants.id = trusted_publishers.tenant_id "
    "WHERE trusted_publishers.tenant_id = $1 AND issuer = $2 "
    "  AND apps.status = 'active' AND apps.deleted_at IS NULL "
    "  AND tenants.status = 'active' AND tenants.deleted_at IS NULL "
    "ORDER BY trusted_publishers.repository_id, trusted_publishers.created_at, trusted_publishers.id LIMIT "
    "$3"};

const db::Query<std::int64_t, std::string> count_of_issuer{
    "publisher.count_of_issuer",
    "SELECT count(*) FROM (SELECT 1 FROM trusted_publishers WHERE issuer = $1 LIMIT 1) AS counted"};

const db::Query<PublisherOfTenant, std::string, std::string, std::int64_t> list_everywhere{
    "publisher.list_everywhere",
    "SELECT trusted_publishers.id, app_id, trusted_publishers.name, forge, issuer, repository, "
    "repository_id, "
    "       owner_id, workflow, environment, scopes, lifetime_seconds, trusted_publishers.version, "
    "       trusted_publishers.created_at, trusted_publishers.created_by, trusted_publishers.updated_at, "
    "       trusted_publishers.updated_by, trusted_publishers.tenant_id "
    "FROM trusted_publishers "
    "JOIN apps ON apps.tenant_id = trusted_publishers.tenant_id AND apps.id = trusted_publishers.app_id "
    "JOIN tenants ON tenants.id = trusted_publishers.tenant_id "
    "WHERE issuer = $1 AND repository_id = $2 "
    "  AND apps.status = 'active' AND apps.deleted_at IS NULL "
    "  AND tenants.status = 'active' AND tenants.deleted_at IS NULL "
    "ORDER BY trusted_publishers.created_at, trusted_publishers.id LIMIT $3"};

const db::ListQuery<TrustedPublisher, TrustedPublisherFilters, Time, TenantId> list_newest_first{
    "publisher.list_newest_first",
    "SELECT id, app_id, name, forge, issuer, repository, repository_id, owner_id, workflow, environment, "
    "       scopes, lifetime_seconds, version, created_at, created_by, updated_at, updated_by "
    "FROM trusted_publishers "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR app_id = $2) "
    "  AND ($3 IS NULL OR substr(name_folded, 1, length($3)) = $3) "
    "  AND (created_at, id) < ($4, $5) "
    "ORDER BY created_at DESC, id DESC LIMIT $6"};

const db::ListQuery<TrustedPublisher, TrustedPublisherFilters, Time, TenantId> list_oldest_first{
    "publisher.list_oldest_first",
    "SELECT id, app_id, name, forge, issuer, repository, repository_id, owner_id, workflow, environment, "
    "       scopes, lifetime_seconds, version, created_at, created_by, updated_at, updated_by "
    "FROM trusted_publishers "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR app_id = $2) "
    "  AND ($3 IS NULL OR substr(name_folded, 1, length($3)) = $3) "
    "  AND (created_at, id) > ($4, $5) "
    "ORDER BY created_at, id LIMIT $6"};

const db::Query<PublisherId, TenantId, std::string> find_by_name{
    "publisher.find_by_name", "SELECT id FROM trusted_publishers WHERE tenant_id = $1 AND name_folded = $2"};

// Touches nothing when the app is not there, or the name is taken.
const db::Command<TenantId, PublisherId, AppId, std::string, std::string, Forge, std::string, std::string,
                  std::string, std::string, std::string, std::optional<std::string>, std::string,
                  std::int64_t, Time, std::string>
    insert{"publisher.insert",
           "INSERT INTO trusted_publishers (tenant_id, id, app_id, name, name_folded, forge, issuer, "
           "repository, "
           "                                repository_id, owner_id, workflow, environment, scopes, "
           "                                lifetime_seconds, version, created_at, created_by, updated_at, "
           "                                updated_by) "
           "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16, $15, $16 "
           "WHERE EXISTS (SELECT 1 FROM apps "
           "              WHERE tenant_id = $1 AND apps.id = $3 AND deleted_at IS NULL) "
           "ON CONFLICT DO NOTHING"};

const db::Command<TenantId, PublisherId> remove{
    "publisher.delete", "DELETE FROM trusted_publishers WHERE tenant_id = $1 AND id = $2"};

constexpr std::string_view kind = "publisher";

constexpr std::tuple sorts{
    db::Sort{"-created_at", list_newest_first, &TrustedPublisher::created_at},
    db::Sort{"created_at", list_oldest_first, &TrustedPublisher::created_at},
};

[[noreturn]] void refuse(const std::string& field, std::string_view wish) {
    throw field_problem(field, wish);
}

// Compared byte by byte with what a token says: nothing that cannot be seen.
void check_exact(const std::string& field, std::string_view text) {
    if (text.empty()) refuse(field, "cannot be empty: it is compared with what the token says.");
    if (text.size() > limits::publisher_rule_bytes) refuse(field, "is too long: 500 bytes are the most.");
    if (!std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c != 0x7F; }))
        refuse(field, "holds a space or a character that cannot be seen.");
}
static_assert(limits::publisher_rule_bytes == 500, "the sentence above says so");

void check_publisher(const TrustedPublisher& publisher) {
    ensure(!publisher.id.is_empty(), "a publisher has an id");
    db::check_name(kind, publisher.name);
    if (const auto fault = find_issuer_fault(publisher.issuer); !fault.empty())
        refuse("issuer", std::string(fault) + ".");
    check_exact("repository", publisher.repository);
    check_exact("repository_id", publisher.repository_id);
    check_exact("owner_id", publisher.owner_id);
    check_exact("workflow", publisher.workflow);
    if (publisher.workflow.find('@') != publisher.workflow.npos)
        refuse("workflow", "is the file's path alone, without @ and what follows it.");
    if (publisher.environment)
        db::check_name("publisher's environment", *publisher.environment, "environment");
    const ParsedScopes parsed = parse_scopes(publisher.scopes);
    if (!parsed.fault.empty()) throw field_problem(parsed.fault);
    if (!parsed.scopes || parsed.scopes->empty())
        refuse("scopes", "is empty: name what the pipeline's keys are good for.");
    constexpr std::int64_t most = std::chrono::seconds(limits::publisher_key_lifetime).count();
    if (publisher.lifetime_seconds < 60 || publisher.lifetime_seconds > most)
        refuse("lifetime_seconds", "must be from 60 to " + std::to_string(most) + ".");
}

void record(Tx& tx, const char* action, const TenantId& tenant, const TrustedPublisher& before,
            const TrustedPublisher& after) {
    const PublisherId& id = after.id.is_empty() ? before.id : after.id;
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = id.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

// Never empty: without scopes a key would be good for everything that its app may do.
std::vector<Scope> TrustedPublisher::find_scopes() const {
    ParsedScopes parsed = parse_scopes(scopes);
    ensure(parsed.scopes && !parsed.scopes->empty(), "a stored publisher has scopes");
    return *std::move(parsed.scopes);
}

std::optional<TrustedPublisher> find_publisher(Tx& tx, const TenantId& tenant, const PublisherId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

db::Page<TrustedPublisher> list_publishers(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<TrustedPublisherFilters>(tx, request, sorts, tenant);
}

std::vector<TrustedPublisher> list_publishers_of_issuer(Tx& tx, const TenantId& tenant,
                                                        std::string_view issuer) {
    return tx.all(list_by_issuer, tenant, std::string(issuer), limits::publishers_per_issuer);
}

bool is_trusted_anywhere(Tx& tx, std::string_view issuer) {
    return tx.one(count_of_issuer, std::string(issuer)) != 0;
}

std::vector<PublisherOfTenant> list_publishers_everywhere(Tx& tx, std::string_view issuer,
                                                          std::string_view repository_id) {
    return tx.all(list_everywhere, std::string(issuer), std::string(repository_id),
                  limits::publishers_per_issuer);
}

TrustedPublisher insert_publisher(Tx& tx, const TenantId& tenant, TrustedPublisher publisher) {
    check_publisher(publisher);
    publisher.version = 1;
    publisher.created_at = publisher.updated_at = tx.now();
    publisher.created_by = publisher.updated_by = tx.unit().actor;
    const std::int64_t inserted =
        tx.run(insert, tenant, publisher.id, publisher.app_id, publisher.name, fold_case(publisher.name),
               publisher.forge, publisher.issuer, publisher.repository, publisher.repository_id,
               publisher.owner_id, publisher.workflow, publisher.environment, publisher.scopes,
               publisher.lifetime_seconds, publisher.created_at, publisher.created_by);
    if (inserted == 0) {
        if (tx.maybe(find_by_name, tenant, fold_case(publisher.name)))
            db::refuse_taken_name(kind, publisher.name);
        if (find_publisher(tx, tenant, publisher.id)) db::refuse_taken_id(kind, publisher.id.text());
        db::refuse_absent("app", publisher.app_id.text());
    }
    record(tx, "publisher.create", tenant, {}, publisher);
    return publisher;
}

void delete_publisher(Tx& tx, const TenantId& tenant, const PublisherId& id) {
    const auto publisher = find_publisher(tx, tenant, id);
    if (!publisher || tx.run(remove, tenant, id) == 0) db::refuse_absent(kind, id.text());
    record(tx, "publisher.delete", tenant, *publisher, {});
}

}  // namespace lodestone::identity
