// Branches in the database: every statement first, then a function for each verb.
#include "identity/nouns/branch.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/fold_case.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/app.hpp"
#include "identity/nouns/branch_details.hpp"

namespace lodestone::identity {

using db::Tx;

struct BranchFilters {
    std::optional<BranchType> type;
    std::optional<BranchStatus> status;
    std::optional<db::Prefix> name;
    std::optional<db::Substring> search;
};
BOOST_DESCRIBE_STRUCT(BranchFilters, (), (type, status, name, search))

namespace {

const db::Query<Branch, TenantId, AppId, BranchId> find_by_id{
    "branch.find",
    "SELECT id, code, name, type, status, address, contact, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM branches WHERE tenant_id = $1 AND app_id = $2 AND id = $3 AND deleted_at IS NULL"};

// Not what is being purged: its id is spent already.
const db::Query<Branch, TenantId, AppId, BranchId> find_deleted{
    "branch.find_deleted",
    "SELECT id, code, name, type, status, address, contact, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM branches WHERE tenant_id = $1 AND app_id = $2 AND id = $3 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM spent_ids WHERE kind = 'branch' AND spent_ids.id = $1 || '/' || $2 || "
    "'/' || $3)"};

const db::Query<Branch, TenantId, AppId, std::string> find_by_code{
    "branch.find_by_code",
    "SELECT id, code, name, type, status, address, contact, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM branches WHERE tenant_id = $1 AND app_id = $2 AND code_folded = $3 AND deleted_at IS NULL"};

const db::ListQuery<Branch, BranchFilters, std::string, TenantId, AppId> list_by_name{
    "branch.list_by_name",
    "SELECT id, code, name, type, status, address, contact, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM branches "
    "WHERE tenant_id = $1 AND app_id = $2 AND deleted_at IS NULL "
    "  AND ($3 IS NULL OR type = $3) AND ($4 IS NULL OR status = $4) "
    "  AND ($6 IS NULL OR name_folded LIKE $6 ESCAPE '!' OR code_folded LIKE $6 ESCAPE '!') "
    "  AND (name_folded, id) > (CASE WHEN $7 = '' THEN coalesce($5, '') ELSE $7 END, $8) "
    "  AND name_folded < coalesce($5, '') || '\U0010FFFF' "
    "ORDER BY name_folded, id LIMIT $9"};

const db::ListQuery<Branch, BranchFilters, Time, TenantId, AppId> list_oldest_first{
    "branch.list_oldest_first",
    "SELECT id, code, name, type, status, address, contact, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM branches "
    "WHERE tenant_id = $1 AND app_id = $2 AND deleted_at IS NULL "
    "  AND ($3 IS NULL OR type = $3) AND ($4 IS NULL OR status = $4) "
    "  AND ($6 IS NULL OR name_folded LIKE $6 ESCAPE '!' OR code_folded LIKE $6 ESCAPE '!') "
    "  AND ($5 IS NULL OR substr(name_folded, 1, length($5)) = $5) "
    "  AND (created_at, id) > ($7, $8) "
    "ORDER BY created_at, id LIMIT $9"};

const db::ListQuery<Branch, BranchFilters, Time, TenantId, AppId> list_newest_first{
    "branch.list_newest_first",
    "SELECT id, code, name, type, status, address, contact, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM branches "
    "WHERE tenant_id = $1 AND app_id = $2 AND deleted_at IS NULL "
    "  AND ($3 IS NULL OR type = $3) AND ($4 IS NULL OR status = $4) "
    "  AND ($6 IS NULL OR name_folded LIKE $6 ESCAPE '!' OR code_folded LIKE $6 ESCAPE '!') "
    "  AND ($5 IS NULL OR substr(name_folded, 1, length($5)) = $5) "
    "  AND (created_at, id) < ($7, $8) "
    "ORDER BY created_at DESC, id DESC LIMIT $9"};

const db::Command<TenantId, AppId, BranchId, std::string, std::string, std::string, std::string, BranchType,
                  BranchStatus, std::string, std::string, std::string, std::string, Time, std::string>
    insert{"branch.insert",
           "INSERT INTO branches (tenant_id, app_id, id, code, code_folded, name, name_folded, type, status, "
           "                      address, contact, settings, metadata, "
           "                      version, created_at, created_by, updated_at, updated_by) "
           "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $14, $15 "
           "WHERE NOT EXISTS (SELECT 1 FROM spent_ids WHERE kind = 'branch' "
           "                    AND spent_ids.id = $1 || '/' || $2 || '/' || $3) "
           "ON CONFLICT DO NOTHING"};

// Touches nothing when another branch of the app has the code.
const db::Command<TenantId, AppId, BranchId, db::Version, std::string, std::string, std::string, std::string,
                  BranchType, BranchStatus, std::string, std::string, std::string, std::string, Time,
                  std::string>
    update{"branch.update",
           "UPDATE branches SET code = $5, code_folded = $6, name = $7, name_folded = $8, type = $9, "
           "                    status = $10, address = $11, contact = $12, settings = $13, metadata = $14, "
           "                    version = version + 1, updated_at = $15, updated_by = $16 "
           "WHERE tenant_id = $1 AND app_id = $2 AND id = $3 AND version = $4 AND deleted_at IS NULL "
           "  AND NOT EXISTS (SELECT 1 FROM branches AS other "
           "                  WHERE other.tenant_id = $1 AND other.app_id = $2 AND other.code_folded = $6 "
           "                    AND other.deleted_at IS NULL AND other.id <> $3)"};

const db::Command<TenantId, AppId, BranchId, db::Version, Time, std::string> mark_deleted{
    "branch.delete",
    "UPDATE branches SET deleted_at = $5, deleted_by = $6, "
    "                    version = version + 1, updated_at = $5, updated_by = $6 "
    "WHERE tenant_id = $1 AND app_id = $2 AND id = $3 AND version = $4 AND deleted_at IS NULL"};

const db::Command<TenantId, AppId, BranchId, std::string, Time, std::string> mark_restored{
    "branch.restore",
    "UPDATE branches SET deleted_at = NULL, deleted_by = NULL, "
    "                    version = version + 1, updated_at = $5, updated_by = $6 "
    "WHERE tenant_id = $1 AND app_id = $2 AND id = $3 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM branches AS other "
    "                  WHERE other.tenant_id = $1 AND other.app_id = $2 AND other.code_folded = $4 "
    "                    AND other.deleted_at IS NULL)"};

constexpr std::string_view kind = "branch";

constexpr std::tuple sorts{
    db::Sort{"name", list_by_name, [](const Branch& branch) { return fold_case(branch.name); }},
    db::Sort{"created_at", list_oldest_first, &Branch::created_at},
    db::Sort{"-created_at", list_newest_first, &Branch::created_at},
};

void check_code(const std::string& code) {
    const bool is_code = std::ranges::all_of(code, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_' || c == '.';
    });
    if (!code.empty() && code.size() <= limits::branch_code_bytes && is_code) return;
    throw field_problem("code", "must be 1 to 100 letters, digits and - _ .");
}
static_assert(limits::branch_code_bytes == 100, "the sentence above says so");

void check_branch(const Branch& branch) {
    ensure(!branch.id.is_empty(), "a branch has an id");
    check_code(branch.code);
    db::check_name(kind, branch.name);
    parse_branch_address(branch.address);
    parse_branch_contact(branch.contact);
    parse_branch_settings(branch.settings);
    db::check_metadata(branch.metadata);
}

[[noreturn]] void refuse_taken_code(const Branch& branch) {
    throw Problem(problems::conflict, "There is a branch with the code " + branch.code +
                                          " in this app already; choose another code.");
}

void record(Tx& tx, const char* action, const TenantId& tenant, const Branch& before, const Branch& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

Branch set_status(Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id, BranchStatus status) {
    std::optional<Branch> branch = find_branch(tx, tenant, app, id);
    if (!branch) db::refuse_absent(kind, id.text());
    if (branch->status == status) return *std::move(branch);
    branch->status = status;
    return update_branch(tx, tenant, app, *std::move(branch));
}

}  // namespace

std::optional<Branch> find_branch(Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id) {
    return tx.maybe(find_by_id, tenant, app, id);
}

std::optional<Branch> find_branch_by_code(Tx& tx, const TenantId& tenant, const AppId& app,
                                          std::string_view code) {
    return tx.maybe(find_by_code, tenant, app, fold_case(code));
}

db::Page<Branch> list_branches(Tx& tx, const TenantId& tenant, const AppId& app,
                               const db::ListRequest& request) {
    return db::list_page<BranchFilters>(tx, request, sorts, tenant, app);
}

Branch insert_branch(Tx& tx, const TenantId& tenant, const AppId& app, Branch branch) {
    check_branch(branch);
    if (!find_app(tx, tenant, app)) db::refuse_absent("app", app.text());
    db::stamp_new(tx, branch);
    const std::int64_t inserted =
        tx.run(insert, tenant, app, branch.id, branch.code, fold_case(branch.code), branch.name,
               fold_case(branch.name), branch.type, branch.status, branch.address, branch.contact,
               branch.settings, branch.metadata, branch.created_at, branch.created_by);
    if (inserted == 0) {
        if (find_branch_by_code(tx, tenant, app, branch.code)) refuse_taken_code(branch);
        db::refuse_taken_id(kind, branch.id.text());
    }
    record(tx, "branch.create", tenant, {}, branch);
    return branch;
}

Branch update_branch(Tx& tx, const TenantId& tenant, const AppId& app, Branch branch) {
    check_branch(branch);
    const Branch before = db::expect_version(find_branch(tx, tenant, app, branch.id), branch, kind);
    db::stamp_changed(tx, branch, before);
    const std::int64_t updated =
        tx.run(update, tenant, app, branch.id, before.version, branch.code, fold_case(branch.code),
               branch.name, fold_case(branch.name), branch.type, branch.status, branch.address,
               branch.contact, branch.settings, branch.metadata, branch.updated_at, branch.updated_by);
    if (updated == 0) refuse_taken_code(branch);
    record(tx, "branch.update", tenant, before, branch);
    return branch;
}

Branch disable_branch(Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id) {
    return set_status(tx, tenant, app, id, BranchStatus::disabled);
}

Branch activate_branch(Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id) {
    return set_status(tx, tenant, app, id, BranchStatus::active);
}

Branch delete_branch(Tx& tx, const TenantId& tenant, const AppId& app, Branch branch) {
    const Branch before = db::expect_version(find_branch(tx, tenant, app, branch.id), branch, kind);
    branch = before;
    db::stamp_deleted(tx, branch);
    const std::int64_t deleted =
        tx.run(mark_deleted, tenant, app, branch.id, before.version, branch.updated_at, branch.updated_by);
    if (deleted == 0) db::refuse_outdated(kind, branch.id.text());
    record(tx, "branch.delete", tenant, before, branch);
    return branch;
}

Branch restore_branch(Tx& tx, const TenantId& tenant, const AppId& app, const BranchId& id) {
    const std::optional<Branch> before = tx.maybe(find_deleted, tenant, app, id);
    if (!before || !find_app(tx, tenant, app)) db::refuse_absent("deleted branch", id.text());
    Branch branch = *before;
    db::stamp_restored(tx, branch);
    const std::int64_t restored =
        tx.run(mark_restored, tenant, app, id, fold_case(branch.code), branch.updated_at, branch.updated_by);
    if (restored == 0) db::refuse_taken_meanwhile(kind, branch.code);
    record(tx, "branch.restore", tenant, *before, branch);
    return branch;
}

}  // namespace lodestone::identity
