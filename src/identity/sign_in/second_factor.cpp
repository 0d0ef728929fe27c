// Offering, confirming and dropping second factors.
#include "identity/sign_in/second_factor.hpp"

#include "base/field_problem.hpp"
#include "db/noun.hpp"
#include "identity/nouns/session.hpp"
#include "identity/secrets/recovery_code.hpp"
#include "identity/secrets/totp.hpp"
#include "identity/sign_in/change_password.hpp"
#include "identity/sign_in/second_factor_check.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

constexpr std::string_view issuer = "Lodestone";

Task<KnownAccount> find_confirmed(Vault& vault, db::Database& database, SecondFactorRequest& request,
                                  const db::Unit& unit) {
    auto find = [&](Tx& tx) { return find_account(tx, request.tenant, request.user); };
    const std::optional<KnownAccount> known = co_await database.read(unit, find);
    if (!known) db::refuse_absent("user", request.user.text());
    co_await confirm_password(vault, database, *known, request.tenant, "password",
                              std::move(request.password), request.visitor, unit);
    co_return *known;
}

std::vector<std::string> make_codes(Tx& tx, const TenantId& tenant, const UserId& user, const Vault& vault) {
    const std::string place = second_factor_place(tenant, user);
    std::vector<std::string> codes = make_recovery_codes(vault.mint.random());
    std::vector<std::string> hashes;
    for (const std::string& code : codes) hashes.push_back(vault.hasher.hash(place, code));
    replace_recovery_codes(tx, tenant, user, hashes);
    return codes;
}

// The step of a code of a secret that is still to be confirmed.
std::optional<std::int64_t> find_offered_step(Tx& tx, const OfferConfirmation& confirmation,
                                              const Vault& vault) {
    const auto credentials = find_credentials(tx, confirmation.tenant, confirmation.user);
    if (!credentials || !credentials->totp_secret || credentials->totp_confirmed_at)
        throw Problem(problems::conflict, "There is no second factor to confirm; begin anew.");
    const auto secret = vault.sealer.open(credentials->totp_secret->value,
                                          second_factor_place(confirmation.tenant, confirmation.user));
    return secret ? find_totp_step(*secret, confirmation.code, tx.now(), credentials->totp_last_step)
                  : std::nullopt;
}

}  // namespace

Task<SecondFactorOffer> offer_second_factor(Vault& vault, db::Database& database, SecondFactorRequest request,
                                            db::Unit unit) {
    const KnownAccount known = co_await find_confirmed(vault, database, request, unit);
    const std::string secret = make_totp_secret(vault.mint.random());
    const std::string sealed =
        vault.sealer.seal(secret, second_factor_place(request.tenant, request.user), vault.mint.random());
    auto store = [&](Tx& tx) { begin_second_factor(tx, request.tenant, request.user, sealed); };
    co_await database.write(std::move(unit), store);
    co_return SecondFactorOffer{.secret = render_base32(secret),
                                .url = render_totp_url(issuer, known.account.username, secret)};
}

Task<std::vector<std::string>> confirm_offer(Vault& vault, db::Database& database,
                                             OfferConfirmation confirmation, db::Unit unit) {
    const std::string throttled =
        confirmation.tenant.text() + " id " + confirmation.user.text() + " " + confirmation.session.text();
    vault.throttle.attempt(throttled, confirmation.visitor.address);
    auto store = [&](Tx& tx) {
        const auto step = find_offered_step(tx, confirmation, vault);
        if (!step)
            throw field_problem("code", "is not what the app shows now; check the clock of the phone.");
        confirm_second_factor(tx, confirmation.tenant, confirmation.user, *step);
        note_second_factor(tx, confirmation.tenant, confirmation.session);
        revoke_sessions_of_user(tx, confirmation.tenant, confirmation.user, "a second factor was added",
                                confirmation.session);
        return make_codes(tx, confirmation.tenant, confirmation.user, vault);
    };
    std::vector<std::string> codes = co_await database.write(std::move(unit), store);
    vault.throttle.forgive(throttled, confirmation.visitor.address);
    co_return codes;
}

Task<std::vector<std::string>> renew_recovery_codes(Vault& vault, db::Database& database,
                                                    SecondFactorRequest request, db::Unit unit) {
    const KnownAccount known = co_await find_confirmed(vault, database, request, unit);
    if (!known.credentials.has_second_factor())
        throw Problem(problems::conflict, "There is no second factor, so there are no codes in its place.");
    auto store = [&](Tx& tx) { return make_codes(tx, request.tenant, request.user, vault); };
    co_return co_await database.write(std::move(unit), store);
}

Task<> drop_second_factor(Vault& vault, db::Database& database, SecondFactorRequest request, db::Unit unit) {
    const KnownAccount known = co_await find_confirmed(vault, database, request, unit);
    if (known.settings.is_second_factor_required)
        throw Problem(
            problems::conflict,
            "This organisation asks for a second factor; an administrator can remove yours, so that you "
            "can begin anew.");
    auto remove = [&](Tx& tx) {
        if (!remove_second_factor(tx, request.tenant, request.user))
            throw Problem(problems::conflict, "There is no second factor to remove.");
    };
    co_await database.write(std::move(unit), remove);
}

}  // namespace lodestone::identity
