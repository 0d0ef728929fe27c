// Changing and resetting passwords. Hashing happens between units, never inside one.
#include "identity/sign_in/change_password.hpp"

#include "base/field_problem.hpp"
#include "db/noun.hpp"
#include "identity/nouns/reset_link.hpp"
#include "identity/nouns/session.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

Problem make_link_problem() {
    return Problem(problems::not_found,
                   "This link does not work, or no longer: ask an administrator for another one.");
}

KnownAccount expect_account(Tx& tx, const TenantId& tenant, const UserId& user) {
    auto known = find_account(tx, tenant, user);
    if (!known) db::refuse_absent("user", user.text());
    return *std::move(known);
}

std::optional<FoundResetLink> find_open_link(Tx& tx, std::string_view text, const Vault& vault) {
    auto link = find_reset_link_by_text(tx, text, vault.hasher);
    return link && link->is_open(tx.now()) ? link : std::nullopt;
}

}  // namespace

Task<> confirm_password(Vault& vault, db::Database& database, const KnownAccount& known,
                        const TenantId& tenant, std::string_view field, std::string password,
                        const Visitor& visitor, const db::Unit& unit) {
    if (!known.credentials.password_hash) co_return;
    // By session: whoever has stolen one waits for their own failures, and keeps its owner from nothing.
    const std::string throttled = tenant.text() + " id " + known.account.user_id.text() + " " + unit.session;
    vault.throttle.attempt(throttled, visitor.address);
    std::string stored = known.credentials.password_hash->value;
    const PasswordVerdict verdict = co_await vault.passwords.check(std::move(stored), std::move(password));
    if (!verdict.is_right) {
        auto refuse = [&](Tx& tx) { note_refusal(tx, tenant, known.account.user_id); };
        co_await database.write(unit, refuse);
        throw field_problem(field, "is not the user's password.");
    }
    vault.throttle.forgive(throttled, visitor.address);
}

Task<> change_password(Vault& vault, db::Database& database, PasswordChange change, db::Unit unit) {
    auto find = [&](Tx& tx) { return expect_account(tx, change.tenant, change.user); };
    const KnownAccount known = co_await database.read(unit, find);
    if (!known.credentials.password_hash)
        throw Problem(problems::conflict,
                      "This user has no password; ask an administrator for a reset link.");
    co_await confirm_password(vault, database, known, change.tenant, "current_password",
                              change.current_password, change.visitor, unit);
    if (change.new_password == change.current_password)
        throw field_problem("new_password", "is the current password; choose another.");
    check_new_password("new_password", change.new_password, known.settings.password_policy, known.personal());
    const std::string hash = co_await vault.passwords.hash(change.new_password);
    auto store = [&](Tx& tx) {
        const KnownAccount now = expect_account(tx, change.tenant, change.user);
        if (now.credentials.password_hash != known.credentials.password_hash)
            throw Problem(problems::conflict,
                          "The password was changed meanwhile; try again with the new one.");
        store_password(tx, change.tenant, change.user, hash);
        revoke_sessions_of_user(tx, change.tenant, change.user, "the password was changed", change.session);
    };
    co_await database.write(std::move(unit), store);
}

Task<> reset_password(Vault& vault, db::Database& database, PasswordReset reset, db::Unit unit) {
    struct Opened {
        FoundResetLink link;
        KnownAccount known;
    };
    auto find = [&](Tx& tx) -> std::optional<Opened> {
        const auto link = find_open_link(tx, reset.link, vault);
        if (!link) return std::nullopt;
        check_address(tx, link->tenant_id, reset.visitor.address);
        return Opened{.link = *link, .known = expect_account(tx, link->tenant_id, link->user_id)};
    };
    const std::optional<Opened> opened = co_await database.read(unit, find);
    if (!opened) throw make_link_problem();
    const KnownAccount& known = opened->known;
    check_new_password("new_password", reset.new_password, known.settings.password_policy, known.personal());
    const std::string hash = co_await vault.passwords.hash(reset.new_password);
    const TenantId& tenant = opened->link.tenant_id;
    const UserId& user = opened->link.user_id;
    auto store = [&](Tx& tx) {
        if (!spend_reset_link(tx, tenant, opened->link.id)) throw make_link_problem();
        store_password(tx, tenant, user, hash);
        revoke_sessions_of_user(tx, tenant, user, "the password was reset");
    };
    unit.actor = user.text();
    co_await database.write(std::move(unit), store);
}

}  // namespace lodestone::identity
