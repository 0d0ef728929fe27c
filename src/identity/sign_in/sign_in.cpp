// The steps of signing in, in the order in which they are taken.
#include "identity/sign_in/sign_in.hpp"

#include "base/field_problem.hpp"
#include "base/fold_case.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "http/message/client_network.hpp"
#include "identity/sign_in/challenge.hpp"
#include "identity/sign_in/second_factor_check.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

// What no account could have costs no hash.
void check_typed(std::string_view field, std::string_view text, std::size_t most) {
    if (text.empty() || text.size() > most || !is_utf8(text) || text.find('\0') != std::string_view::npos)
        throw field_problem(field, "is empty, too long, or not UTF-8.");
}

// Whose sign-in it would be, and whether that one has signed in from there lately.
struct Candidate {
    std::optional<KnownAccount> known;
    bool is_familiar = false;
    int bcrypt_rounds = 0;  // the most of the tenant's imported passwords
};

Candidate find_candidate(Tx& tx, const SignInRequest& request) {
    check_address(tx, request.tenant, request.visitor.address);
    Candidate found;
    found.bcrypt_rounds = find_bcrypt_rounds(tx, request.tenant);
    found.known = find_account(tx, request.tenant, std::string_view(request.account));
    // The same statements whether there is a user or not.
    const UserId user = found.known ? found.known->account.user_id : UserId::trusted("-");
    found.is_familiar = is_familiar(tx, request.tenant, user, request.visitor.address);
    return found;
}

// Whose failures are counted: the name as it was typed, whether there is one or not. What fails elsewhere is
// nothing to an address from which the user has signed in: strangers keep nobody out there. (What was typed
// has no NUL.)
std::string throttled_name(const SignInRequest& request, const Candidate& candidate) {
    std::string name = request.tenant.text() + " " + fold_case(request.account);
    if (candidate.is_familiar) name.append(1, '\0').append(http::client_of(request.visitor.address));
    return name;
}

Task<PasswordVerdict> check_password_of(Vault& vault, const SignInRequest& request,
                                        const Candidate& candidate) {
    const std::optional<KnownAccount>& known = candidate.known;
    const bool can_be_right = known && known->credentials.password_hash &&
                              (candidate.is_familiar || !known->credentials.is_blocked(vault.clock.now()));
    if (!can_be_right) return vault.passwords.check_nobody(request.password, candidate.bcrypt_rounds);
    std::string stored = known->credentials.password_hash->value;
    return vault.passwords.check(std::move(stored), request.password, candidate.bcrypt_rounds);
}

struct Finish {
    TenantId tenant;
    UserId user;
    Opening opening;
    std::string code;
    std::optional<std::string> verified_hash;   // the password that was right: it must still be the one
    std::optional<std::string> refreshed_hash;  // of the same password, when the stored one is outdated
    std::optional<Time> password_changed_at;    // the same, in a challenge
};

// The last step, in one unit: nothing when the code is wrong or something changed meanwhile; then it is a
// failure.
std::optional<SignedIn> finish(Tx& tx, const Finish& step, const Vault& vault) {
    check_address(tx, step.tenant, step.opening.visitor.address);
    const std::optional<KnownAccount> known = find_account(tx, step.tenant, step.user);
    if (!known) return std::nullopt;
    check_usable(known->account);
    check_method(known->settings, step.opening.method);
    const Credentials& credentials = known->credentials;
    const bool is_same = step.verified_hash ? credentials.password_hash &&
                                                  credentials.password_hash->value == *step.verified_hash
                                            : credentials.password_changed_at == step.password_changed_at;
    const auto is_kept_out = [&] {
        return credentials.is_blocked(tx.now()) &&
               !is_familiar(tx, step.tenant, step.user, step.opening.visitor.address);
    };
    const bool is_proven = !credentials.has_second_factor() ||
                           (!is_kept_out() && spend_code(tx, step.tenant, credentials, step.code, vault));
    if (!is_same || !is_proven) {
        note_refusal(tx, step.tenant, step.user);
        return std::nullopt;
    }
    forgive_failures(tx, step.tenant, step.user);
    if (step.refreshed_hash)
        replace_hash(tx, step.tenant, step.user, *step.verified_hash, *step.refreshed_hash);
    Opening opening = step.opening;
    opening.has_second_factor = credentials.has_second_factor();
    return open_session(tx, step.tenant, *known, opening, vault.mint);
}

Task<SignedIn> finish_or_refuse(Vault& vault, db::Database& database, const Finish& step,
                                const std::string& account, db::Unit unit) {
    unit.actor = step.user.text();
    auto run = [&](Tx& tx) { return finish(tx, step, vault); };
    std::optional<SignedIn> signed_in = co_await database.write(std::move(unit), run);
    if (!signed_in) throw make_credentials_problem();
    vault.throttle.forgive(account, step.opening.visitor.address);
    co_return *std::move(signed_in);
}

}  // namespace

Task<SignInOutcome> sign_in(Vault& vault, db::Database& database, SignInRequest request, db::Unit unit) {
    check_typed("username", request.account, limits::name_bytes);
    check_typed("password", request.password, limits::password_bytes);
    auto find = [&](Tx& tx) { return find_candidate(tx, request); };
    const Candidate candidate = co_await database.read(unit, find);
    const std::string throttled = throttled_name(request, candidate);
    vault.throttle.attempt(throttled, request.visitor.address);
    const PasswordVerdict verdict = co_await check_password_of(vault, request, candidate);
    const bool is_right = verdict.is_right && candidate.known->settings.allows(AuthMethod::password);
    if (!is_right) {
        auto refuse = [&](Tx& tx) {
            note_refusal(tx, request.tenant,
                         candidate.known ? std::optional(candidate.known->account.user_id) : std::nullopt);
        };
        co_await database.write(unit, refuse);
        throw make_credentials_problem();
    }
    const Account& account = candidate.known->account;
    const Credentials& credentials = candidate.known->credentials;
    check_usable(account);
    SignInOutcome outcome;
    if (credentials.has_second_factor() && request.code.empty()) {
        // Whoever guesses codes is counted there; earlier failures stay counted.
        vault.throttle.withdraw(throttled, request.visitor.address);
        const Challenge challenge{.tenant = request.tenant,
                                  .user = account.user_id,
                                  .account = throttled,
                                  .method = SignInMethod::password,
                                  .made_at = vault.clock.now(),
                                  .password_changed_at = credentials.password_changed_at,
                                  .goes_on_at = request.goes_on_at};
        outcome.challenge = seal_challenge(challenge, vault.sealer, vault.mint.random());
        co_return outcome;
    }
    Finish step{.tenant = request.tenant,
                .user = account.user_id,
                .opening = {.method = SignInMethod::password, .visitor = request.visitor},
                .code = request.code,
                .verified_hash = credentials.password_hash->value};
    if (verdict.is_outdated) step.refreshed_hash = co_await vault.passwords.hash(request.password);
    outcome.signed_in = co_await finish_or_refuse(vault, database, step, throttled, std::move(unit));
    co_return outcome;
}

Task<SignedIn> prove_second_factor(Vault& vault, db::Database& database, SecondFactorProof proof,
                                   db::Unit unit) {
    check_typed("code", proof.code, limits::name_bytes);
    const auto challenge = open_challenge(proof.challenge, vault.sealer, vault.clock.now());
    if (!challenge || challenge->goes_on_at != proof.goes_on_at) throw make_credentials_problem();
    vault.throttle.attempt(challenge->account, proof.visitor.address);
    const Finish step{.tenant = challenge->tenant,
                      .user = challenge->user,
                      .opening = {.method = challenge->method, .visitor = proof.visitor},
                      .code = proof.code,
                      .password_changed_at = challenge->password_changed_at};
    co_return co_await finish_or_refuse(vault, database, step, challenge->account, std::move(unit));
}

}  // namespace lodestone::identity
