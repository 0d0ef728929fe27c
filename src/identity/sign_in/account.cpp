// Accounts: one query for all that signing in asks of a user, and what a failure leaves behind.
#include "identity/sign_in/account.hpp"

#include "base/access_problems.hpp"
#include "base/field_problem.hpp"
#include "base/fold_case.hpp"
#include "identity/nouns/tenant_settings.hpp"
#include "identity/sign_in/throttle.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

// Nobody's user name is somebody else's address; if it ever were, the user name would win.
const db::Query<Account, TenantId, std::string> find_by_name{
    "account.find_by_name",
    "SELECT users.id AS user_id, users.username, users.email, (users.status = 'active') AS is_active, "
    "       (tenants.status = 'active') AS is_tenant_active, tenants.settings, tenants.config "
    "FROM users JOIN tenants ON tenants.id = users.tenant_id "
    "WHERE users.tenant_id = $1 AND (users.username_folded = $2 OR users.email_folded = $2) "
    "  AND users.deleted_at IS NULL AND tenants.deleted_at IS NULL "
    "ORDER BY (users.username_folded = $2) DESC LIMIT 1"};

const db::Query<Account, TenantId, UserId> find_by_id{
    "account.find",
    "SELECT users.id AS user_id, users.username, users.email, (users.status = 'active') AS is_active, "
    "       (tenants.status = 'active') AS is_tenant_active, tenants.settings, tenants.config "
    "FROM users JOIN tenants ON tenants.id = users.tenant_id "
    "WHERE users.tenant_id = $1 AND users.id = $2 "
    "  AND users.deleted_at IS NULL AND tenants.deleted_at IS NULL"};

const db::Query<std::string, TenantId> find_tenant_settings{
    "account.find_tenant", "SELECT settings FROM tenants WHERE id = $1 AND deleted_at IS NULL"};

const db::Query<std::string, TenantId> find_tenant_config{
    "account.find_tenant_config", "SELECT config FROM tenants WHERE id = $1 AND deleted_at IS NULL"};

// An id that nobody can have.
UserId no_user() {
    return UserId::trusted("-");
}

std::optional<KnownAccount> complete(Tx& tx, const TenantId& tenant, std::optional<Account> account) {
    // The same statements whether there is a user or not.
    const UserId user = account ? account->user_id : no_user();
    std::optional<Credentials> credentials = find_credentials(tx, tenant, user);
    if (!account) return std::nullopt;
    SignInSettings settings = parse_sign_in_settings(account->settings);
    return KnownAccount{.account = *std::move(account),
                        .credentials = std::move(credentials).value_or(Credentials{}),
                        .settings = settings};
}

}  // namespace

Duties KnownAccount::find_duties(const Session& session, Time now) const {
    return identity::find_duties({.method = session.method,
                                  .has_second_factor = session.has_second_factor,
                                  .must_change_password = credentials.must_change_password,
                                  .password_changed_at = credentials.password_changed_at},
                                 settings, now);
}

std::optional<KnownAccount> find_account(Tx& tx, const TenantId& tenant, std::string_view name) {
    return complete(tx, tenant, tx.maybe(find_by_name, tenant, fold_case(name)));
}

std::optional<KnownAccount> find_account(Tx& tx, const TenantId& tenant, const UserId& user) {
    return complete(tx, tenant, tx.maybe(find_by_id, tenant, user));
}

Problem make_credentials_problem() {
    return Problem(
               problems::unauthenticated,
               "The user name, the password or the code is wrong, or there were too many failures before: "
               "wait a while, then try again.")
        .with_header("WWW-Authenticate", "Bearer");
}

void check_usable(const Account& account) {
    if (!account.is_tenant_active)
        throw Problem(problems::forbidden, "This organisation is suspended; ask whoever runs this server.");
    if (!account.is_active)
        throw Problem(problems::forbidden,
                      "This user is suspended; ask an administrator of the organisation.");
}

void check_method(const SignInSettings& settings, SignInMethod method) {
    const AuthMethod needed = auth_method_of(method);
    if (settings.allows(needed)) return;
    throw Problem(problems::forbidden, needed == AuthMethod::oidc
                                           ? "This organisation lets nobody in by a provider."
                                           : "This organisation lets nobody in with a password: use the "
                                             "provider that it has.");
}

void check_address(Tx& tx, const TenantId& tenant, std::string_view address) {
    const std::optional<std::string> config = tx.maybe(find_tenant_config, tenant);
    if (!config) return;
    const std::string_view setting = address_rules_of(*config).find_refusal(address);
    if (!setting.empty())
        throw Problem(problems::address_not_allowed,
                      "The address is not let in there: the tenant's " + std::string(setting) + " says so.");
}

void check_new_password(std::string_view field, std::string_view password, const PasswordPolicy& policy,
                        const std::vector<std::string>& personal) {
    if (const auto fault = find_password_fault(password, policy, personal))
        throw field_problem(field, "cannot be used: the password " + *fault);
}

void note_refusal(Tx& tx, const TenantId& tenant, const std::optional<UserId>& user) {
    const bool is_tenant_there = tx.maybe(find_tenant_settings, tenant).has_value();
    const std::optional<KnownAccount> known = find_account(tx, tenant, user.value_or(no_user()));
    const Credentials before = known ? known->credentials : Credentials{};
    const LockoutRules lockout = known ? known->settings.lockout : LockoutRules{};
    const ThrottleRules rules{
        .free_failures = lockout.free_failures, .longest_delay = lockout.longest, .memory = lockout.memory};
    const bool is_forgotten = before.last_failed_at && tx.now() - *before.last_failed_at >= rules.memory;
    const std::int64_t failures = (is_forgotten ? 0 : before.failed_attempts) + 1;
    std::optional<Time> blocked_until;
    if (lockout.is_enabled && failures >= rules.free_failures)
        blocked_until = tx.now() + rules.delay_after(failures);
    // Who comes too early makes the time no longer.
    if (before.is_blocked(tx.now()))
        note_failures(tx, tenant, no_user(), failures, blocked_until);
    else
        note_failures(tx, tenant, known ? known->account.user_id : no_user(), failures, blocked_until);
    tx.record({.action = "session.refuse",
               .tenant = is_tenant_there ? tenant.text() : "",
               .subject = known ? known->account.user_id.text() : no_user().text(),
               .details = "{}",
               .result = db::ActionResult::refused});
}

}  // namespace lodestone::identity
