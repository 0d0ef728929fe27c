// Identity providers in the database: every statement first, then a function for each verb.
#include "identity/nouns/identity_provider.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/fold_case.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/rules/issuer.hpp"

namespace lodestone::identity {

using db::Tx;

struct IdentityProviderFilters {
    std::optional<ProviderStatus> status;
    std::optional<db::Prefix> name;
};
BOOST_DESCRIBE_STRUCT(IdentityProviderFilters, (), (status, name))

namespace {

const db::Query<IdentityProvider, TenantId, ProviderId> find_by_id{
    "provider.find",
    "SELECT id, name, issuer, client_id, client_secret, scopes, group_claim, group_roles, registration, "
    "       links_by_email, status, version, created_at, created_by, updated_at, updated_by "
    "FROM identity_providers WHERE tenant_id = $1 AND id = $2"};

const db::ListQuery<IdentityProvider, IdentityProviderFilters, Time, TenantId> list_newest_first{
    "provider.list_newest_first",
    "SELECT id, name, issuer, client_id, client_secret, scopes, group_claim, group_roles, registration, "
    "       links_by_email, status, version, created_at, created_by, updated_at, updated_by "
    "FROM identity_providers "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR status = $2) "
    "  AND ($3 IS NULL OR substr(name_folded, 1, length($3)) = $3) "
    "  AND (created_at, id) < ($4, $5) "
    "ORDER BY created_at DESC, id DESC LIMIT $6"};

const db::ListQuery<IdentityProvider, IdentityProviderFilters, Time, TenantId> list_oldest_first{
    "provider.list_oldest_first",
    "SELECT id, name, issuer, client_id, client_secret, scopes, group_claim, group_roles, registration, "
    "       links_by_email, status, version, created_at, created_by, updated_at, updated_by "
    "FROM identity_providers "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR status = $2) "
    "  AND ($3 IS NULL OR substr(name_folded, 1, length($3)) = $3) "
    "  AND (created_at, id) > ($4, $5) "
    "ORDER BY created_at, id LIMIT $6"};

const db::Query<ProviderId, TenantId, std::string> find_by_name{
    "provider.find_by_name", "SELECT id FROM identity_providers WHERE tenant_id = $1 AND name_folded = $2"};

// Touches nothing when the tenant is not there, or the name or id is taken.
const db::Command<TenantId, ProviderId, std::string, std::string, std::string, std::string,
                  std::optional<db::Secret<std::string>>, std::string, std::optional<std::string>,
                  std::string, ProviderRegistration, bool, ProviderStatus, Time, std::string>
    insert{
        "provider.insert",
        "INSERT INTO identity_providers (tenant_id, id, name, name_folded, issuer, client_id, client_secret, "
        "                                scopes, group_claim, group_roles, registration, links_by_email, "
        "                                status, version, created_at, created_by, updated_at, updated_by) "
        "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $14, $15 "
        "WHERE EXISTS (SELECT 1 FROM tenants WHERE tenants.id = $1 AND deleted_at IS NULL) "
        "  AND NOT EXISTS (SELECT 1 FROM spent_ids "
        "                  WHERE kind = 'provider' AND spent_ids.id = $1 || '/' || $2) "
        "ON CONFLICT DO NOTHING"};

// Touches nothing when another provider of the tenant has the name.
const db::Command<TenantId, ProviderId, db::Version, std::string, std::string, std::string, std::string,
                  std::optional<db::Secret<std::string>>, std::string, std::optional<std::string>,
                  std::string, ProviderRegistration, bool, ProviderStatus, Time, std::string>
    update{
        "provider.update",
        "UPDATE identity_providers "
        "SET name = $4, name_folded = $5, issuer = $6, client_id = $7, client_secret = $8, scopes = $9, "
        "    group_claim = $10, group_roles = $11, registration = $12, links_by_email = $13, status = $14, "
        "    version = version + 1, updated_at = $15, updated_by = $16 "
        "WHERE tenant_id = $1 AND id = $2 AND version = $3 "
        "  AND NOT EXISTS (SELECT 1 FROM identity_providers AS other "
        "                  WHERE other.tenant_id = $1 AND other.name_folded = $5 AND other.id <> $2)"};

const db::Command<TenantId, ProviderId> drop_sign_ins{
    "provider.drop_sign_ins", "DELETE FROM provider_sign_ins WHERE tenant_id = $1 AND provider_id = $2"};

const db::Command<TenantId, ProviderId, db::Version> remove{
    "provider.delete", "DELETE FROM identity_providers WHERE tenant_id = $1 AND id = $2 AND version = $3"};

// People stay linked to what a provider of this id called them: another provider never gets it.
const db::Command<TenantId, ProviderId> spend_id{
    "provider.spend_id",
    "INSERT INTO spent_ids (kind, id) VALUES ('provider', $1 || '/' || $2) ON CONFLICT DO NOTHING"};

const db::Query<std::int64_t, TenantId, ProviderId> count_spent{
    "provider.count_spent",
    "SELECT count(*) FROM spent_ids WHERE kind = 'provider' AND id = $1 || '/' || $2"};

const db::Query<std::int64_t, TenantId> count_linking{
    "provider.count_linking",
    "SELECT count(*) FROM identity_providers "
    "WHERE tenant_id = $1 AND status = 'active' AND links_by_email = (1 = 1)"};

constexpr std::string_view kind = "provider";

constexpr std::tuple sorts{
    db::Sort{"-created_at", list_newest_first, &IdentityProvider::created_at},
    db::Sort{"created_at", list_oldest_first, &IdentityProvider::created_at},
};

[[noreturn]] void refuse(const std::string& field, std::string_view wish) {
    throw field_problem(field, wish);
}

void check_plain(const std::string& field, std::string_view text, bool takes_spaces) {
    if (text.empty()) refuse(field, "cannot be empty.");
    if (text.size() > limits::provider_text_bytes) refuse(field, "is too long.");
    const auto is_plain = [takes_spaces](unsigned char c) {
        return (c > 0x20 && c < 0x7F) || (takes_spaces && c == ' ');
    };
    if (!std::ranges::all_of(text, is_plain)) refuse(field, "holds a character that does not belong there.");
}

void check_group_roles(const IdentityProvider& provider) {
    const auto groups = parse_group_roles(provider.group_roles);
    if (!groups) refuse("group_roles", R"(must be an object such as {"platform-team": ["admin"]}.)");
    if (!groups->empty() && !provider.group_claim)
        refuse("group_claim", "is missing: it says where tokens list the groups of group_roles.");
    for (const GroupRoles& group : *groups)
        // A tenant has one owner, and ownership is handed over, not claimed.
        if (std::ranges::count(group.roles, RoleId::trusted("owner")) > 0)
            refuse("group_roles", "cannot give the role owner: there is exactly one, who hands it over.");
}

void check_provider(const IdentityProvider& provider) {
    ensure(!provider.id.is_empty(), "a provider has an id");
    db::check_name(kind, provider.name);
    if (const auto fault = find_issuer_fault(provider.issuer); !fault.empty())
        refuse("issuer", std::string(fault) + ".");
    check_plain("client_id", provider.client_id, false);
    check_plain("scopes", provider.scopes, true);
    const std::string padded = " " + provider.scopes + " ";
    if (padded.find(" openid ") == padded.npos) refuse("scopes", "must name openid among others.");
    if (provider.group_claim) check_plain("group_claim", *provider.group_claim, false);
    check_group_roles(provider);
}

void record(Tx& tx, const char* action, const TenantId& tenant, const IdentityProvider& before,
            const IdentityProvider& after) {
    const ProviderId& id = after.id.is_empty() ? before.id : after.id;
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = id.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

std::optional<std::vector<GroupRoles>> parse_group_roles(std::string_view json) {
    const StrictJson document = parse_strict_json(json, limits::metadata_bytes);
    if (!document.object || document.object->size() > limits::mapped_groups) return std::nullopt;
    std::vector<GroupRoles> groups;
    for (const auto& member : *document.object) {
        if (!member.value().is_array()) return std::nullopt;
        GroupRoles group{.group = std::string(member.key()), .roles = {}};
        for (const boost::json::value& role : member.value().get_array()) {
            const auto id = role.is_string() ? parse_id<RoleId>(role.get_string()) : std::nullopt;
            if (!id) return std::nullopt;
            group.roles.push_back(*id);
        }
        groups.push_back(std::move(group));
    }
    return groups;
}

std::optional<IdentityProvider> find_provider(Tx& tx, const TenantId& tenant, const ProviderId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

db::Page<IdentityProvider> list_providers(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<IdentityProviderFilters>(tx, request, sorts, tenant);
}

IdentityProvider insert_provider(Tx& tx, const TenantId& tenant, IdentityProvider provider) {
    check_provider(provider);
    provider.version = 1;
    provider.created_at = provider.updated_at = tx.now();
    provider.created_by = provider.updated_by = tx.unit().actor;
    const std::int64_t inserted =
        tx.run(insert, tenant, provider.id, provider.name, fold_case(provider.name), provider.issuer,
               provider.client_id, provider.client_secret, provider.scopes, provider.group_claim,
               provider.group_roles, provider.registration, provider.links_by_email, provider.status,
               provider.created_at, provider.created_by);
    if (inserted == 0) {
        if (tx.maybe(find_by_name, tenant, fold_case(provider.name)))
            db::refuse_taken_name(kind, provider.name);
        if (find_provider(tx, tenant, provider.id) || tx.one(count_spent, tenant, provider.id) > 0)
            db::refuse_taken_id(kind, provider.id.text());
        db::refuse_absent("tenant", tenant.text());
    }
    record(tx, "provider.create", tenant, {}, provider);
    return provider;
}

IdentityProvider update_provider(Tx& tx, const TenantId& tenant, IdentityProvider provider) {
    check_provider(provider);
    const IdentityProvider before =
        db::expect_version(find_provider(tx, tenant, provider.id), provider, kind);
    // What the issuer calls somebody is linked to a user here; another issuer calls others by the same names.
    if (provider.issuer != before.issuer)
        refuse("issuer", "cannot change, since people are linked to it; make another provider.");
    provider.created_at = before.created_at;
    provider.created_by = before.created_by;
    ++provider.version;
    provider.updated_at = tx.now();
    provider.updated_by = tx.unit().actor;
    const std::int64_t updated =
        tx.run(update, tenant, provider.id, before.version, provider.name, fold_case(provider.name),
               provider.issuer, provider.client_id, provider.client_secret, provider.scopes,
               provider.group_claim, provider.group_roles, provider.registration, provider.links_by_email,
               provider.status, provider.updated_at, provider.updated_by);
    if (updated == 0) db::refuse_taken_name(kind, provider.name);
    record(tx, "provider.update", tenant, before, provider);
    return provider;
}

void delete_provider(Tx& tx, const TenantId& tenant, const IdentityProvider& provider) {
    const IdentityProvider before =
        db::expect_version(find_provider(tx, tenant, provider.id), provider, kind);
    tx.send(drop_sign_ins, tenant, provider.id);
    tx.send(spend_id, tenant, provider.id);
    if (tx.run(remove, tenant, provider.id, before.version) == 0)
        db::refuse_outdated(kind, provider.id.text());
    record(tx, "provider.delete", tenant, before, {});
}

void check_may_choose_email(Tx& tx, const TenantId& tenant) {
    if (tx.one(count_linking, tenant) == 0) return;
    throw Problem(
        problems::conflict,
        "Your organisation finds people by their e-mail address when they sign in with a provider, so "
        "only an administrator gives addresses: leave \"email\" out, and ask for yours.");
}

}  // namespace lodestone::identity
