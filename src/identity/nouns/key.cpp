// Keys in the database: every statement first, then a function for each verb.
#include "identity/nouns/key.hpp"

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "db/bulk.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/app_config.hpp"
#include "identity/nouns/key_fields.hpp"
#include "identity/nouns/quota.hpp"
#include "identity/nouns/sign_in_settings.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::identity {

using db::Tx;

struct KeyFilters {
    std::optional<UserId> user_id;
    std::optional<AppId> app_id;
    std::optional<KeyType> type;
    std::optional<KeyEnvironment> environment;
    std::optional<db::Prefix> name;
};
BOOST_DESCRIBE_STRUCT(KeyFilters, (), (user_id, app_id, type, environment, name))

struct OwnersConfig {
    std::string tenant_config;
    std::optional<std::string> app_config;
};
BOOST_DESCRIBE_STRUCT(OwnersConfig, (), (tenant_config, app_config))

namespace {

const db::Query<OwnersConfig, TenantId, std::optional<AppId>> find_configs{
    "key.find_configs",
    "SELECT tenants.config AS tenant_config, apps.config AS app_config FROM tenants "
    "LEFT JOIN apps ON apps.tenant_id = tenants.id AND apps.id = $2 "
    "WHERE tenants.id = $1"};

const db::Query<Key, TenantId, KeyId> find_by_id{
    "key.find",
    "SELECT id, public_id, secret_hash, user_id, app_id, type, environment, name, scopes, networks, "
    "metadata, "
    "       expires_at, last_used_at, last_used_from, rotated_from, revoked_at, revoked_by, revoked_reason, "
    "       version, created_at, created_by, updated_at, updated_by "
    "FROM keys WHERE tenant_id = $1 AND id = $2"};

const db::Query<FoundKey, std::string> find_by_public_id{
    "key.find_by_public_id",
    "SELECT id, public_id, secret_hash, user_id, app_id, type, environment, name, scopes, networks, "
    "metadata, "
    "       expires_at, last_used_at, last_used_from, rotated_from, revoked_at, revoked_by, revoked_reason, "
    "       version, created_at, created_by, updated_at, updated_by, tenant_id "
    "FROM keys WHERE public_id = $1"};

const db::ListQuery<Key, KeyFilters, Time, TenantId> list_newest_first{
    "key.list_newest_first",
    "SELECT id, public_id, secret_hash, user_id, app_id, type, environment, name, scopes, networks, "
    "metadata, "
    "       expires_at, last_used_at, last_used_from, rotated_from, revoked_at, revoked_by, revoked_reason, "
    "       version, created_at, created_by, updated_at, updated_by "
    "FROM keys "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR user_id = $2) AND ($3 IS NULL OR app_id = $3) "
    "  AND ($4 IS NULL OR type = $4) AND ($5 IS NULL OR environment = $5) "
    "  AND ($6 IS NULL OR substr(name_folded, 1, length($6)) = $6) "
    "  AND (created_at, id) < ($7, $8) "
    "ORDER BY created_at DESC, id DESC LIMIT $9"};

const db::ListQuery<Key, KeyFilters, Time, TenantId> list_oldest_first{
    "key.list_oldest_first",
    "SELECT id, public_id, secret_hash, user_id, app_id, type, environment, name, scopes, networks, "
    "metadata, "
    "       expires_at, last_used_at, last_used_from, rotated_from, revoked_at, revoked_by, revoked_reason, "
    "       version, created_at, created_by, updated_at, updated_by "
    "FROM keys "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR user_id = $2) AND ($3 IS NULL OR app_id = $3) "
    "  AND ($4 IS NULL OR type = $4) AND ($5 IS NULL OR environment = $5) "
    "  AND ($6 IS NULL OR substr(name_folded, 1, length($6)) = $6) "
    "  AND (created_at, id) > ($7, $8) "
    "ORDER BY created_at, id LIMIT $9"};

const db::Query<KeyId, TenantId, UserId, std::int64_t> list_live_of_user{
    "key.list_live_of_user",
    "SELECT id FROM keys WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL "
    "ORDER BY created_at, id LIMIT $3"};

const db::Query<KeyId, TenantId, AppId, std::int64_t> list_live_of_app{
    "key.list_live_of_app",
    "SELECT id FROM keys WHERE tenant_id = $1 AND app_id = $2 AND revoked_at IS NULL "
    "ORDER BY created_at, id LIMIT $3"};

// What pipelines have for some minutes is not counted.
const db::Query<std::int64_t, TenantId, std::optional<UserId>, std::optional<AppId>, Time> count_live{
    "key.count_live",
    "SELECT count(*) FROM keys WHERE tenant_id = $1 AND ($2 IS NULL OR user_id = $2) "
    "  AND ($3 IS NULL OR app_id = $3) AND type <> 'publisher' AND revoked_at IS NULL AND expires_at > $4"};

// Touches nothing when its user or app is not there.
const db::Command<TenantId, KeyId, std::string, db::Secret<std::string>, std::optional<UserId>,
                  std::optional<AppId>, KeyType, KeyEnvironment, std::string, std::string, std::string,
                  std::string, std::string, Time, std::optional<KeyId>, Time, std::string>
    insert{
        "key.insert",
        "INSERT INTO keys (tenant_id, id, public_id, secret_hash, user_id, app_id, type, environment, name, "
        "                  name_folded, scopes, networks, metadata, expires_at, rotated_from, "
        "                  version, created_at, created_by, updated_at, updated_by) "
        "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $16, $17, $16, $17 "
        "WHERE ($5 IS NULL OR EXISTS (SELECT 1 FROM users "
        "                             WHERE tenant_id = $1 AND users.id = $5 AND deleted_at IS NULL)) "
        "  AND ($6 IS NULL OR EXISTS (SELECT 1 FROM apps "
        "                             WHERE tenant_id = $1 AND apps.id = $6 AND deleted_at IS NULL))"};

const db::Command<TenantId, KeyId, db::Version, std::string, std::string, std::string, std::string,
                  std::string, Time, Time, std::string>
    update{"key.update",
           "UPDATE keys SET name = $4, name_folded = $5, scopes = $6, networks = $7, metadata = $8, "
           "                expires_at = $9, version = version + 1, updated_at = $10, updated_by = $11 "
           "WHERE tenant_id = $1 AND id = $2 AND version = $3"};

const db::Command<TenantId, KeyId, db::Version, Time, std::string, std::string> revoke{
    "key.revoke",
    "UPDATE keys SET revoked_at = $4, revoked_by = $5, revoked_reason = $6, "
    "                version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND version = $3"};

const db::BulkCommand<KeyUse> note_uses{
    "key.note_uses",
    {"UPDATE keys SET last_used_at = seen.last_used_at, last_used_from = seen.last_used_from "
     "FROM json_to_recordset($1::json) AS seen(tenant_id text, id text, last_used_at bigint, "
     "                                         last_used_from text) "
     "WHERE keys.tenant_id = seen.tenant_id AND keys.id = seen.id "
     "  AND (keys.last_used_at IS NULL OR keys.last_used_at < seen.last_used_at)",
     "UPDATE keys SET last_used_at = value->>'last_used_at', last_used_from = value->>'last_used_from' "
     "FROM json_each($1) "
     "WHERE keys.tenant_id = value->>'tenant_id' AND keys.id = value->>'id' "
     "  AND (keys.last_used_at IS NULL OR keys.last_used_at < value->>'last_used_at')"}};

struct PurgedKey {
    TenantId tenant_id;
    KeyId id;
};
BOOST_DESCRIBE_STRUCT(PurgedKey, (), (tenant_id, id))

// A revoked one stays until it would have expired: whoever looks for it finds why it was revoked.
const db::Query<PurgedKey, Time, std::int64_t> purge{
    "key.purge",
    "DELETE FROM keys WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM keys "
    "                                           WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) "
    "RETURNING tenant_id, id"};

constexpr std::string_view kind = "key";

constexpr std::tuple sorts{
    db::Sort{"-created_at", list_newest_first, &Key::created_at},
    db::Sort{"created_at", list_oldest_first, &Key::created_at},
};

void record(Tx& tx, const char* action, const TenantId& tenant, const Key& before, const Key& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

void touch(Tx& tx, Key& key) {
    ++key.version;
    key.updated_at = tx.now();
    key.updated_by = tx.unit().actor;
}

// Gives it a text and stores it; the rest of `key` has been checked.
IssuedKey insert_key(Tx& tx, const TenantId& tenant, Key key, const TokenMint& mint) {
    const TokenKind token_kind = key.type == KeyType::publisher ? TokenKind::publisher
                                 : key.user_id                  ? TokenKind::personal_key
                                                                : TokenKind::app_key;
    MintedToken minted = mint.mint(token_kind, key.environment);
    key.id = mint.make_id<KeyId>();
    key.public_id = minted.public_id;
    key.secret_hash.value = minted.hash;
    key.version = 1;
    key.created_at = key.updated_at = tx.now();
    key.created_by = key.updated_by = tx.unit().actor;
    const std::int64_t inserted =
        tx.run(insert, tenant, key.id, key.public_id, key.secret_hash, key.user_id, key.app_id, key.type,
               key.environment, key.name, fold_case(key.name), key.scopes, key.networks, key.metadata,
               key.expires_at, key.rotated_from, key.created_at, key.created_by);
    if (inserted == 0 && key.user_id) db::refuse_absent("user", key.user_id->text());
    if (inserted == 0) db::refuse_absent("app", key.app_id->text());
    return {.key = std::move(key), .text = std::move(minted.text)};
}

// One that can still be used; a revoked one stays as it is, for good.
Key expect_live(Tx& tx, const TenantId& tenant, const KeyId& id) {
    const std::optional<Key> found = find_key(tx, tenant, id);
    if (!found) db::refuse_absent(kind, id.text());
    if (found->revoked_at)
        throw Problem(problems::conflict, "The key " + id.text() + " is revoked; make a new one.");
    if (!found->is_live(tx.now()))
        throw Problem(problems::conflict, "The key " + id.text() + " has expired; make a new one.");
    return *found;
}

// One that somebody keeps, unlike what a pipeline has for some minutes.
Key expect_lasting(Tx& tx, const TenantId& tenant, const KeyId& id) {
    Key found = expect_live(tx, tenant, id);
    if (found.type == KeyType::publisher)
        throw Problem(
            problems::conflict,
            "The key " + id.text() + " was given to a pipeline for some minutes; it can only be revoked.");
    return found;
}

// How long a key lives that is made without a day of its own: as its app says, or the tenant's configuration,
// or its settings; never longer than these allow.
std::chrono::seconds usual_lifetime(Tx& tx, const TenantId& tenant, const std::optional<AppId>& app,
                                    const KeyLifetimes& lifetimes) {
    const auto found = tx.maybe(find_configs, tenant, app);
    if (!found) return lifetimes.usual;
    const KeyConfig own = parse_app_config(found->app_config.value_or("{}")).credentials.apikey;
    const KeyConfig tenants = parse_tenant_config(found->tenant_config).default_credentials.apikey;
    const auto days = combine(own, tenants).expires_after_days;
    return days ? std::min<std::chrono::seconds>(std::chrono::days(*days), lifetimes.longest)
                : lifetimes.usual;
}

// What would be let in by nobody is not made.
void check_method(const SignInSettings& settings, KeyType type) {
    if (settings.allows(type == KeyType::publisher ? AuthMethod::publisher : AuthMethod::key)) return;
    throw Problem(problems::forbidden, type == KeyType::publisher ? "This organisation lets no pipelines in "
                                                                    "(settings.allowed_auth_methods)."
                                                                  : "This organisation lets no keys in "
                                                                    "(settings.allowed_auth_methods).");
}

void check_room_for_key(Tx& tx, const TenantId& tenant, const Key& key) {
    check_room_for_more(tx.one(count_live, tenant, key.user_id, key.app_id, tx.now()), limits::keys_per_owner,
                        key.user_id ? "keys of this user" : "keys of this app");
}

IssuedKey issue(Tx& tx, const TenantId& tenant, const NewKey& wanted, const TokenMint& mint) {
    if (wanted.user_id.has_value() == wanted.app_id.has_value())
        throw Problem(problems::invalid_input, "A key belongs to a user or to an app: name one of the two.");
    const SignInSettings settings = find_sign_in_settings(tx, tenant);
    check_method(settings, wanted.type);
    const KeyLifetimes& lifetimes = settings.keys;
    Key key;
    key.user_id = wanted.user_id;
    key.app_id = wanted.app_id;
    key.type = wanted.type;
    key.environment = wanted.environment;
    key.name = wanted.name;
    key.scopes = render_scopes(wanted.scopes);
    key.networks = render_networks(wanted.networks);
    key.metadata = wanted.metadata;
    const Time usual_end = tx.now() + usual_lifetime(tx, tenant, wanted.app_id, lifetimes);
    key.expires_at = wanted.expires_at.value_or(std::min(usual_end, wanted.ends_by.value_or(usual_end)));
    check_key(key);
    check_expiry(key.expires_at, tx.now(), lifetimes.longest);
    if (key.type != KeyType::publisher) check_room_for_key(tx, tenant, key);
    IssuedKey issued = insert_key(tx, tenant, std::move(key), mint);
    record(tx, "key.create", tenant, {}, issued.key);
    return issued;
}

std::int64_t revoke_all(Tx& tx, const TenantId& tenant, const std::vector<KeyId>& ids,
                        std::string_view reason) {
    for (const KeyId& id : ids) revoke_key(tx, tenant, id, reason);
    return static_cast<std::int64_t>(ids.size());
}

}  // namespace

IssuedKey issue_key(Tx& tx, const TenantId& tenant, const NewKey& wanted, const TokenMint& mint) {
    if (wanted.type == KeyType::publisher)
        throw field_problem("type", "cannot be publisher: such keys are given for the token of a pipeline.");
    return issue(tx, tenant, wanted, mint);
}

IssuedKey issue_publisher_key(Tx& tx, const TenantId& tenant, NewKey wanted, const TokenMint& mint) {
    ensure(wanted.app_id && wanted.scopes && wanted.expires_at,
           "a pipeline's key is for few things and minutes");
    ensure(*wanted.expires_at <= tx.now() + limits::publisher_key_lifetime,
           "a pipeline's key lives for minutes");
    wanted.type = KeyType::publisher;
    return issue(tx, tenant, wanted, mint);
}

std::optional<Key> find_key(Tx& tx, const TenantId& tenant, const KeyId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<FoundKey> find_key_by_public_id(Tx& tx, std::string_view public_id) {
    return tx.maybe(find_by_public_id, std::string(public_id));
}

db::Page<Key> list_keys(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<KeyFilters>(tx, request, sorts, tenant);
}

Key update_key(Tx& tx, const TenantId& tenant, const KeyId& id, db::Version seen, const KeyChanges& changes) {
    const Key before = expect_lasting(tx, tenant, id);
    if (before.version != seen) db::refuse_outdated(kind, id.text());
    Key key = before;
    if (changes.name) key.name = *changes.name;
    if (changes.scopes) key.scopes = render_scopes(changes.scopes);
    if (changes.networks) key.networks = render_networks(*changes.networks);
    if (changes.metadata) key.metadata = *changes.metadata;
    check_key(key);
    if (changes.expires_at) {
        key.expires_at = *changes.expires_at;
        check_expiry(key.expires_at, tx.now(), find_sign_in_settings(tx, tenant).keys.longest);
    }
    touch(tx, key);
    const std::int64_t updated =
        tx.run(update, tenant, id, before.version, key.name, fold_case(key.name), key.scopes, key.networks,
               key.metadata, key.expires_at, key.updated_at, key.updated_by);
    if (updated == 0) db::refuse_outdated(kind, id.text());
    record(tx, "key.update", tenant, before, key);
    return key;
}

IssuedKey rotate_key(Tx& tx, const TenantId& tenant, const KeyId& id, std::chrono::seconds overlap,
                     const TokenMint& mint, const std::optional<Time>& ends_by) {
    if (overlap < overlap.zero() || overlap > limits::key_overlap)
        throw field_problem("overlap_seconds", "must be between nothing and 30 days.");
    const Key before = expect_lasting(tx, tenant, id);
    const SignInSettings settings = find_sign_in_settings(tx, tenant);
    check_method(settings, before.type);
    const auto longest = settings.keys.longest;
    Key fresh = before;
    fresh.rotated_from = before.id;
    fresh.last_used_at.reset();
    fresh.last_used_from.reset();
    const Time end = tx.now() + std::min<Time::duration>(before.expires_at - before.created_at, longest);
    fresh.expires_at = std::min(end, ends_by.value_or(end));
    check_room_for_key(tx, tenant, before);
    IssuedKey issued = insert_key(tx, tenant, std::move(fresh), mint);
    record(tx, "key.create", tenant, {}, issued.key);

    Key old = before;
    old.expires_at = std::min(before.expires_at, tx.now() + overlap);
    touch(tx, old);
    const std::int64_t updated =
        tx.run(update, tenant, id, before.version, old.name, fold_case(old.name), old.scopes, old.networks,
               old.metadata, old.expires_at, old.updated_at, old.updated_by);
    if (updated == 0) db::refuse_outdated(kind, id.text());
    record(tx, "key.rotate", tenant, before, old);
    return issued;
}
static_assert(limits::key_overlap == std::chrono::days(30), "the sentence above says so");

Key revoke_key(Tx& tx, const TenantId& tenant, const KeyId& id, std::string_view reason) {
    const std::optional<Key> before = find_key(tx, tenant, id);
    if (!before) db::refuse_absent(kind, id.text());
    if (before->revoked_at) return *before;
    check_reason(reason);
    Key key = *before;
    touch(tx, key);
    key.revoked_at = key.updated_at;
    key.revoked_by = key.updated_by;
    key.revoked_reason = std::string(reason);
    if (tx.run(revoke, tenant, id, before->version, key.updated_at, key.updated_by, *key.revoked_reason) == 0)
        db::refuse_outdated(kind, id.text());
    record(tx, "key.revoke", tenant, *before, key);
    return key;
}

std::int64_t revoke_keys_of_user(Tx& tx, const TenantId& tenant, const UserId& user,
                                 std::string_view reason) {
    return revoke_all(tx, tenant, tx.all(list_live_of_user, tenant, user, limits::purge_rows), reason);
}

std::int64_t revoke_keys_of_app(Tx& tx, const TenantId& tenant, const AppId& app, std::string_view reason) {
    return revoke_all(tx, tenant, tx.all(list_live_of_app, tenant, app, limits::purge_rows), reason);
}

std::optional<LeakedKey> revoke_leaked_key(Tx& tx, std::string_view text, const KeyedHash& hasher,
                                           std::string_view reason) {
    const std::optional<TokenText> token = parse_token(text);
    if (!token || !(token->is_key() || token->kind == TokenKind::publisher)) return std::nullopt;
    const std::optional<FoundKey> found = find_key_by_public_id(tx, token->public_id);
    // Who knows only the public part, which lists and logs show, revokes nothing.
    if (!found || !hasher.is_match(*token, found->secret_hash.value)) return std::nullopt;
    revoke_key(tx, found->tenant_id, found->id, reason);
    return LeakedKey{.tenant = found->tenant_id, .id = found->id};
}

void note_key_uses(Tx& tx, std::span<const KeyUse> uses) {
    db::run_bulk(tx, note_uses, uses);
}

std::int64_t purge_keys(Tx& tx, Time deadline) {
    const std::vector<PurgedKey> purged = tx.all(purge, deadline, limits::purge_rows);
    for (const PurgedKey& key : purged)
        tx.record({.action = "key.purge",
                   .tenant = key.tenant_id.text(),
                   .subject = key.id.text(),
                   .details = "{}"});
    return static_cast<std::int64_t>(purged.size());
}

}  // namespace lodestone::identity
