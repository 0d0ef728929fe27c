// Policies in the database: every statement first, then a function for each verb.
#include "identity/nouns/stored_policy.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/fold_case.hpp"
#include "base/tenant_limits.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/app.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/key.hpp"
#include "identity/nouns/quota.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/user.hpp"
#include "identity/rules/policy.hpp"
#include "identity/rules/text_list.hpp"

namespace lodestone::identity {

using db::Tx;

struct PolicyFilters {
    std::optional<AppId> app_id;
    std::optional<PolicyEffect> effect;
    std::optional<PolicyStatus> status;
    std::optional<db::Prefix> name;
    std::optional<db::Substring> search;
};
BOOST_DESCRIBE_STRUCT(PolicyFilters, (), (app_id, effect, status, name, search))

namespace {

const db::Query<StoredPolicy, TenantId, PolicyId> find_by_id{
    "policy.find",
    "SELECT id, app_id, name, description, effect, subjects, actions, resources, conditions, status, "
    "metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM policies WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"};

const db::Query<StoredPolicy, TenantId, PolicyId> find_deleted{
    "policy.find_deleted",
    "SELECT id, app_id, name, description, effect, subjects, actions, resources, conditions, status, "
    "metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM policies WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL"};

const db::Query<StoredPolicy, TenantId, std::string> find_by_name{
    "policy.find_by_name",
    "SELECT id, app_id, name, description, effect, subjects, actions, resources, conditions, status, "
    "metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM policies WHERE tenant_id = $1 AND name_folded = $2 AND deleted_at IS NULL"};

const db::Query<StoredPolicy, TenantId> list_active{
    "policy.list_active",
    "SELECT id, app_id, name, description, effect, subjects, actions, resources, conditions, status, "
    "metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM policies WHERE tenant_id = $1 AND status = 'active' AND deleted_at IS NULL "
    "  AND (app_id IS NULL OR EXISTS (SELECT 1 FROM apps WHERE apps.tenant_id = $1 AND apps.id = app_id "
    "                                   AND apps.deleted_at IS NULL)) "
    "ORDER BY id"};

const db::ListQuery<StoredPolicy, PolicyFilters, std::string, TenantId> list_by_name{
    "policy.list_by_name",
    "SELECT id, app_id, name, description, effect, subjects, actions, resources, conditions, status, "
    "metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM policies "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR app_id = $2) "
    "  AND ($3 IS NULL OR effect = $3) AND ($4 IS NULL OR status = $4) "
    "  AND ($6 IS NULL OR name_folded LIKE $6 ESCAPE '!') "
    "  AND (name_folded, id) > (CASE WHEN $7 = '' THEN coalesce($5, '') ELSE $7 END, $8) "
    "  AND name_folded < coalesce($5, '') || '\U0010FFFF' "
    "ORDER BY name_folded, id LIMIT $9"};

const db::ListQuery<StoredPolicy, PolicyFilters, Time, TenantId> list_oldest_first{
    "policy.list_oldest_first",
    "SELECT id, app_id, name, description, effect, subjects, actions, resources, conditions, status, "
    "metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM policies "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR app_id = $2) "
    "  AND ($3 IS NULL OR effect = $3) AND ($4 IS NULL OR status = $4) "
    "  AND ($6 IS NULL OR name_folded LIKE $6 ESCAPE '!') "
    "  AND ($5 IS NULL OR substr(name_folded, 1, length($5)) = $5) "
    "  AND (created_at, id) > ($7, $8) "
    "ORDER BY created_at, id LIMIT $9"};

const db::ListQuery<StoredPolicy, PolicyFilters, Time, TenantId> list_newest_first{
    "policy.list_newest_first",
    "SELECT id, app_id, name, description, effect, subjects, actions, resources, conditions, status, "
    "metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM policies "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR app_id = $2) "
    "  AND ($3 IS NULL OR effect = $3) AND ($4 IS NULL OR status = $4) "
    "  AND ($6 IS NULL OR name_folded LIKE $6 ESCAPE '!') "
    "  AND ($5 IS NULL OR substr(name_folded, 1, length($5)) = $5) "
    "  AND (created_at, id) < ($7, $8) "
    "ORDER BY created_at DESC, id DESC LIMIT $9"};

const db::Command<TenantId, PolicyId, std::optional<AppId>, std::string, std::string, std::string,
                  PolicyEffect, std::string, std::string, std::string, std::string, PolicyStatus, std::string,
                  Time, std::string>
    insert{"policy.insert",
           "INSERT INTO policies (tenant_id, id, app_id, name, name_folded, description, effect, subjects, "
           "                      actions, resources, conditions, status, metadata, "
           "                      version, created_at, created_by, updated_at, updated_by) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $14, $15) "
           "ON CONFLICT DO NOTHING"};

// Touches nothing when another policy of the tenant has the name.
const db::Command<TenantId, PolicyId, db::Version, std::optional<AppId>, std::string, std::string,
                  std::string, PolicyEffect, std::string, std::string, std::string, std::string, PolicyStatus,
                  std::string, Time, std::string>
    update{"policy.update",
           "UPDATE policies SET app_id = $4, name = $5, name_folded = $6, description = $7, effect = $8, "
           "                    subjects = $9, actions = $10, resources = $11, conditions = $12, "
           "                    status = $13, metadata = $14, "
           "                    version = version + 1, updated_at = $15, updated_by = $16 "
           "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL "
           "  AND NOT EXISTS (SELECT 1 FROM policies AS other "
           "                  WHERE other.tenant_id = $1 AND other.name_folded = $6 "
           "                    AND other.deleted_at IS NULL AND other.id <> $2)"};

const db::Command<TenantId, PolicyId, db::Version, Time, std::string> mark_deleted{
    "policy.delete",
    "UPDATE policies SET deleted_at = $4, deleted_by = $5, "
    "                    version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, PolicyId, std::string, Time, std::string> mark_restored{
    "policy.restore",
    "UPDATE policies SET deleted_at = NULL, deleted_by = NULL, "
    "                    version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM policies AS other "
    "                  WHERE other.tenant_id = $1 AND other.name_folded = $3 "
    "                    AND other.deleted_at IS NULL)"};

const db::Query<std::int64_t, TenantId> count_all{
    "policy.count", "SELECT count(*) FROM policies WHERE tenant_id = $1 AND deleted_at IS NULL"};

constexpr std::string_view kind = "policy";

constexpr std::tuple sorts{
    db::Sort{"name", list_by_name, [](const StoredPolicy& policy) { return fold_case(policy.name); }},
    db::Sort{"created_at", list_oldest_first, &StoredPolicy::created_at},
    db::Sort{"-created_at", list_newest_first, &StoredPolicy::created_at},
};

// One that is not there would be somebody else's mistake to look for: the policy would never count, and say
// nothing.
bool is_there(Tx& tx, const TenantId& tenant, std::string_view kind_of, const std::string& id) {
    if (kind_of == "role") return find_given_role(tx, tenant, RoleId::trusted(id)).has_value();
    if (kind_of == "key") return find_key(tx, tenant, KeyId::trusted(id)).has_value();
    if (kind_of == "app") return find_app(tx, tenant, AppId::trusted(id)).has_value();
    return find_user(tx, tenant, UserId::trusted(id)).has_value();
}

// Those that were named before stay, even if they have gone since.
void check_subjects(Tx& tx, const TenantId& tenant, const std::vector<std::string>& subjects,
                    std::string_view before) {
    std::string fault;
    const auto known = parse_text_list(before, [](std::string_view) { return true; }, "text", fault);
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const std::string& subject = subjects[i];
        if (subject == "*" || subject == "anonymous" || (known && std::ranges::count(*known, subject) > 0))
            continue;
        const std::size_t colon = subject.find(':');
        const std::string kind_of = colon == subject.npos ? "user" : subject.substr(0, colon);
        const std::string id = colon == subject.npos ? subject : subject.substr(colon + 1);
        if (!is_there(tx, tenant, kind_of, id))
            throw field_problem("subjects[" + std::to_string(i) + "]",
                                std::string("names the ")
                                    .append(kind_of)
                                    .append(" ")
                                    .append(id)
                                    .append(", which this tenant does not have."));
    }
}

void check_policy(Tx& tx, const TenantId& tenant, const StoredPolicy& policy,
                  std::string_view subjects_before) {
    ensure(!policy.id.is_empty(), "a policy has an id");
    db::check_name(kind, policy.name);
    if (policy.description.size() > limits::description_bytes)
        throw field_problem("description", "is too long: 4 KiB is the most.");
    std::string fault;
    const PolicyText text{.id = policy.id,
                          .name = policy.name,
                          .app = policy.app_id,
                          .effect = policy.effect,
                          .subjects = policy.subjects,
                          .actions = policy.actions,
                          .resources = policy.resources,
                          .conditions = policy.conditions};
    const auto parsed = parse_policy(text, fault);
    if (!parsed) throw field_problem(fault);
    check_subjects(tx, tenant, parsed->subjects, subjects_before);
    db::check_metadata(policy.metadata);
    if (policy.app_id && !find_app(tx, tenant, *policy.app_id))
        db::refuse_absent("app", policy.app_id->text());
}
static_assert(limits::description_bytes == 4 * limits::kib, "the sentence above says so");

void record(Tx& tx, const char* action, const TenantId& tenant, const StoredPolicy& before,
            const StoredPolicy& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

std::optional<StoredPolicy> find_policy(Tx& tx, const TenantId& tenant, const PolicyId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<StoredPolicy> find_policy_by_name(Tx& tx, const TenantId& tenant, std::string_view name) {
    return tx.maybe(find_by_name, tenant, fold_case(name));
}

db::Page<StoredPolicy> list_policies(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<PolicyFilters>(tx, request, sorts, tenant);
}

std::vector<StoredPolicy> list_active_policies(Tx& tx, const TenantId& tenant) {
    return tx.all(list_active, tenant);
}

StoredPolicy insert_policy(Tx& tx, const TenantId& tenant, StoredPolicy policy) {
    if (!find_tenant(tx, tenant)) db::refuse_absent("tenant", tenant.text());
    check_policy(tx, tenant, policy, "[]");
    check_room_for_more(tx.one(count_all, tenant), limits::policies_per_tenant, "policies");
    db::stamp_new(tx, policy);
    const std::int64_t inserted =
        tx.run(insert, tenant, policy.id, policy.app_id, policy.name, fold_case(policy.name),
               policy.description, policy.effect, policy.subjects, policy.actions, policy.resources,
               policy.conditions, policy.status, policy.metadata, policy.created_at, policy.created_by);
    if (inserted == 0) {
        if (find_policy_by_name(tx, tenant, policy.name)) db::refuse_taken_name(kind, policy.name);
        db::refuse_taken_id(kind, policy.id.text());
    }
    record(tx, "policy.create", tenant, {}, policy);
    return policy;
}

StoredPolicy update_policy(Tx& tx, const TenantId& tenant, StoredPolicy policy) {
    const StoredPolicy before = db::expect_version(find_policy(tx, tenant, policy.id), policy, kind);
    check_policy(tx, tenant, policy, before.subjects);
    db::stamp_changed(tx, policy, before);
    const std::int64_t updated =
        tx.run(update, tenant, policy.id, before.version, policy.app_id, policy.name, fold_case(policy.name),
               policy.description, policy.effect, policy.subjects, policy.actions, policy.resources,
               policy.conditions, policy.status, policy.metadata, policy.updated_at, policy.updated_by);
    if (updated == 0) db::refuse_taken_name(kind, policy.name);
    record(tx, "policy.update", tenant, before, policy);
    return policy;
}

StoredPolicy delete_policy(Tx& tx, const TenantId& tenant, StoredPolicy policy) {
    const StoredPolicy before = db::expect_version(find_policy(tx, tenant, policy.id), policy, kind);
    policy = before;
    db::stamp_deleted(tx, policy);
    const std::int64_t deleted =
        tx.run(mark_deleted, tenant, policy.id, before.version, policy.updated_at, policy.updated_by);
    if (deleted == 0) db::refuse_outdated(kind, policy.id.text());
    record(tx, "policy.delete", tenant, before, policy);
    return policy;
}

StoredPolicy restore_policy(Tx& tx, const TenantId& tenant, const PolicyId& id) {
    const std::optional<StoredPolicy> before = tx.maybe(find_deleted, tenant, id);
    if (!before) db::refuse_absent("deleted policy", id.text());
    check_room_for_more(tx.one(count_all, tenant), limits::policies_per_tenant, "policies");
    StoredPolicy policy = *before;
    db::stamp_restored(tx, policy);
    const std::int64_t restored =
        tx.run(mark_restored, tenant, id, fold_case(policy.name), policy.updated_at, policy.updated_by);
    if (restored == 0) db::refuse_taken_meanwhile(kind, policy.name);
    record(tx, "policy.restore", tenant, *before, policy);
    return policy;
}

}  // namespace lodestone::identity
