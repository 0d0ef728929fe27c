// Credentials in the database. The audit log is told that something changed, never what it was.
#include "identity/nouns/credentials.hpp"

#include "base/problem.hpp"
#include "identity/nouns/reset_link.hpp"
#include "identity/secrets/password_hash.hpp"

namespace lodestone::identity {

using db::Tx;
using SecretText = db::Secret<std::string>;

struct RoundsRow {
    std::optional<std::int64_t> bcrypt_rounds;
};
BOOST_DESCRIBE_STRUCT(RoundsRow, (), (bcrypt_rounds))

namespace {

const db::Query<Credentials, TenantId, UserId> find_of_user{
    "credentials.find",
    "SELECT user_id, password_hash, password_changed_at, must_change_password, failed_attempts, "
    "last_failed_at, "
    "       blocked_until, totp_secret, totp_confirmed_at, totp_last_step, updated_at "
    "FROM user_credentials WHERE tenant_id = $1 AND user_id = $2"};

const db::Command<TenantId, UserId, SecretText, bool, Time, std::optional<std::int64_t>> put_password{
    "credentials.put_password",
    "INSERT INTO user_credentials (tenant_id, user_id, password_hash, password_changed_at, "
    "must_change_password, "
    "                              failed_attempts, updated_at, bcrypt_rounds) "
    "VALUES ($1, $2, $3, $5, $4, 0, $5, $6) "
    "ON CONFLICT (tenant_id, user_id) DO UPDATE "
    "SET password_hash = excluded.password_hash, password_changed_at = excluded.password_changed_at, "
    "    bcrypt_rounds = excluded.bcrypt_rounds, "
    "    must_change_password = excluded.must_change_password, failed_attempts = 0, last_failed_at = NULL, "
    "    blocked_until = NULL, updated_at = excluded.updated_at"};

const db::Command<TenantId, UserId, SecretText, SecretText, std::optional<std::int64_t>> put_hash{
    "credentials.put_hash",
    "UPDATE user_credentials SET password_hash = $4, bcrypt_rounds = $5 "
    "WHERE tenant_id = $1 AND user_id = $2 AND password_hash = $3"};

const db::Query<RoundsRow, TenantId> find_rounds{
    "credentials.find_bcrypt_rounds",
    "SELECT bcrypt_rounds FROM user_credentials WHERE tenant_id = $1 AND bcrypt_rounds IS NOT NULL "
    "ORDER BY bcrypt_rounds DESC LIMIT 1"};

const db::Command<TenantId, UserId, bool, Time> put_must_change{
    "credentials.put_must_change",
    "UPDATE user_credentials SET must_change_password = $3, updated_at = $4 "
    "WHERE tenant_id = $1 AND user_id = $2"};

const db::Command<TenantId, UserId, std::optional<Time>, Time, std::int64_t> put_failures{
    "credentials.put_failures",
    "UPDATE user_credentials SET failed_attempts = $5, last_failed_at = $4, blocked_until = $3 "
    "WHERE tenant_id = $1 AND user_id = $2"};

const db::Command<TenantId, UserId> clear_failures{
    "credentials.clear_failures",
    "UPDATE user_credentials SET failed_attempts = 0, last_failed_at = NULL, blocked_until = NULL "
    "WHERE tenant_id = $1 AND user_id = $2 AND failed_attempts > 0"};

// Touches nothing while there is a confirmed one.
const db::Command<TenantId, UserId, SecretText, Time, bool> put_totp{
    "credentials.put_totp",
    "INSERT INTO user_credentials (tenant_id, user_id, must_change_password, failed_attempts, totp_secret, "
    "                              updated_at) "
    "VALUES ($1, $2, $5, 0, $3, $4) "
    "ON CONFLICT (tenant_id, user_id) DO UPDATE "
    "SET totp_secret = excluded.totp_secret, totp_last_step = NULL, updated_at = excluded.updated_at "
    "WHERE user_credentials.totp_confirmed_at IS NULL"};

const db::Command<TenantId, UserId, std::int64_t, Time> confirm_totp{
    "credentials.confirm_totp",
    "UPDATE user_credentials SET totp_confirmed_at = $4, totp_last_step = $3, updated_at = $4 "
    "WHERE tenant_id = $1 AND user_id = $2 AND totp_secret IS NOT NULL AND totp_confirmed_at IS NULL"};

const db::Command<TenantId, UserId, std::int64_t> put_step{
    "credentials.put_step",
    "UPDATE user_credentials SET totp_last_step = $3 "
    "WHERE tenant_id = $1 AND user_id = $2 AND totp_confirmed_at IS NOT NULL "
    "  AND (totp_last_step IS NULL OR totp_last_step < $3)"};

const db::Command<TenantId, UserId, Time> clear_totp{
    "credentials.clear_totp",
    "UPDATE user_credentials SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL, "
    "                            updated_at = $3 "
    "WHERE tenant_id = $1 AND user_id = $2 AND totp_secret IS NOT NULL"};

const db::Command<TenantId, UserId> clear_codes{
    "recovery_code.clear", "DELETE FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2"};

const db::Command<TenantId, UserId, std::string, Time> insert_code{
    "recovery_code.insert",
    "INSERT INTO recovery_codes (tenant_id, user_id, code_hash, created_at) VALUES ($1, $2, $3, $4)"};

const db::Command<TenantId, UserId, std::string, Time> use_code{
    "recovery_code.use",
    "UPDATE recovery_codes SET used_at = $4 "
    "WHERE tenant_id = $1 AND user_id = $2 AND code_hash = $3 AND used_at IS NULL"};

const db::Query<std::int64_t, TenantId, UserId> count_codes{
    "recovery_code.count",
    "SELECT count(*) FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL"};

void record(Tx& tx, const char* action, const TenantId& tenant, const UserId& user) {
    tx.record({.action = action, .tenant = tenant.text(), .subject = user.text(), .details = "{}"});
}

std::optional<std::int64_t> bcrypt_rounds_of(const std::string& hash) {
    const auto parts = parse_password_hash(hash);
    if (!parts || parts->algorithm != PasswordAlgorithm::bcrypt) return std::nullopt;
    return parts->bcrypt_rounds;
}

}  // namespace

std::optional<Credentials> find_credentials(Tx& tx, const TenantId& tenant, const UserId& user) {
    return tx.maybe(find_of_user, tenant, user);
}

int find_bcrypt_rounds(Tx& tx, const TenantId& tenant) {
    return static_cast<int>(tx.maybe(find_rounds, tenant).value_or(RoundsRow{}).bcrypt_rounds.value_or(0));
}

void store_password(Tx& tx, const TenantId& tenant, const UserId& user, const std::string& hash,
                    MustChange must_change) {
    tx.send(put_password, tenant, user, SecretText{hash}, must_change == MustChange::yes, tx.now(),
            bcrypt_rounds_of(hash));
    // Whoever still holds a link would take back what was just chosen.
    close_reset_links(tx, tenant, user);
    record(tx, "user.password_change", tenant, user);
}

void replace_hash(Tx& tx, const TenantId& tenant, const UserId& user, const std::string& before,
                  const std::string& after) {
    tx.send(put_hash, tenant, user, SecretText{before}, SecretText{after}, bcrypt_rounds_of(after));
}

void require_password_change(Tx& tx, const TenantId& tenant, const UserId& user) {
    tx.send(put_must_change, tenant, user, true, tx.now());
    record(tx, "user.password_expire", tenant, user);
}

void note_failures(Tx& tx, const TenantId& tenant, const UserId& user, std::int64_t failures,
                   std::optional<Time> blocked_until) {
    tx.send(put_failures, tenant, user, blocked_until, tx.now(), failures);
}

void forgive_failures(Tx& tx, const TenantId& tenant, const UserId& user) {
    tx.send(clear_failures, tenant, user);
}

void begin_second_factor(Tx& tx, const TenantId& tenant, const UserId& user,
                         const std::string& sealed_secret) {
    if (tx.run(put_totp, tenant, user, SecretText{sealed_secret}, tx.now(), false) == 0)
        throw Problem(problems::conflict, "There is a second factor already; remove it first.");
}

void confirm_second_factor(Tx& tx, const TenantId& tenant, const UserId& user, std::int64_t step) {
    if (tx.run(confirm_totp, tenant, user, step, tx.now()) == 0)
        throw Problem(problems::conflict, "There is no second factor to confirm; begin anew.");
    record(tx, "user.second_factor_add", tenant, user);
}

bool spend_step(Tx& tx, const TenantId& tenant, const UserId& user, std::int64_t step) {
    return tx.run(put_step, tenant, user, step) == 1;
}

bool remove_second_factor(Tx& tx, const TenantId& tenant, const UserId& user) {
    tx.send(clear_codes, tenant, user);
    if (tx.run(clear_totp, tenant, user, tx.now()) == 0) return false;
    record(tx, "user.second_factor_remove", tenant, user);
    return true;
}

void replace_recovery_codes(Tx& tx, const TenantId& tenant, const UserId& user,
                            const std::vector<std::string>& hashes) {
    tx.send(clear_codes, tenant, user);
    for (const std::string& hash : hashes) tx.send(insert_code, tenant, user, hash, tx.now());
    record(tx, "user.recovery_codes_make", tenant, user);
}

bool spend_recovery_code(Tx& tx, const TenantId& tenant, const UserId& user, const std::string& hash) {
    if (tx.run(use_code, tenant, user, hash, tx.now()) == 0) return false;
    record(tx, "user.recovery_code_use", tenant, user);
    return true;
}

std::int64_t count_recovery_codes(Tx& tx, const TenantId& tenant, const UserId& user) {
    return tx.one(count_codes, tenant, user);
}

}  // namespace lodestone::identity
