// The database is never open while a provider is asked: leave, or come back; ask; then one transaction.
#include "identity/federation/provider_sign_in.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "http/client/client.hpp"
#include "http/message/path.hpp"
#include "identity/federation/issuer_directory.hpp"
#include "identity/federation/pending_sign_in.hpp"
#include "identity/federation/proof_key.hpp"
#include "identity/federation/provider_account.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/tenant_settings.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "identity/sign_in/challenge.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

using Fields = std::vector<std::pair<std::string_view, std::string>>;

std::string render_form(const Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields) {
        if (!text.empty()) text += '&';
        text += name;
        text += '=';
        text += http::encode_path_text(value);
    }
    return text;
}

std::string render_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

// Only what the table needs to hold of a text with 256 bits of chance.
std::string hash_of(std::string_view unguessable) {
    return render_challenge(unguessable);
}

IdentityProvider expect_active(Tx& tx, const TenantId& tenant, const ProviderId& id) {
    const auto owner = find_tenant(tx, tenant);
    auto provider = owner ? find_provider(tx, tenant, id) : std::nullopt;
    // Whoever asks has shown nothing yet, and hears nothing of a tenant that is suspended.
    if (!provider || provider->status != ProviderStatus::active || owner->status != TenantStatus::active)
        db::refuse_absent("provider", id.text());
    check_method(parse_sign_in_settings(owner->settings), SignInMethod::provider);
    return *std::move(provider);
}

// How long somebody may take to come back.
std::chrono::seconds lifetime_of_departure(Tx& tx, const TenantId& tenant) {
    const auto owner = find_tenant(tx, tenant);
    const auto wanted =
        parse_tenant_config(owner ? owner->config : "{}").default_credentials.oauth2.state_seconds;
    return wanted ? std::chrono::seconds(*wanted) : limits::provider_sign_in_lifetime;
}

[[noreturn]] void refuse_return(std::string_view why) {
    throw Problem(problems::forbidden,
                  "This sign-in cannot be finished: " + std::string(why) + ". Begin again.");
}

[[noreturn]] void refuse_provider(const IdentityProvider& provider, std::string_view why) {
    throw Problem(problems::bad_upstream, "The provider " + provider.name + " " + std::string(why) + ".");
}

// RFC 6749's error codes are words; whatever else came is not repeated.
std::string_view describe_error(std::string_view error) {
    if (error == "access_denied") return "the provider says that access was denied";
    if (error == "login_required" || error == "interaction_required")
        return "the provider wants you to sign in";
    if (error == "temporarily_unavailable" || error == "server_error") return "the provider has a problem";
    return "the provider refused it";
}

// RFC 8176: what the provider asked the person for.
bool has_second_factor(const Claims& claims) {
    const auto methods = claims.texts("amr");
    return std::ranges::count(methods, "mfa") > 0;
}

}  // namespace

struct ProviderSignIn::Exchange {
    const TenantId& tenant;
    const IdentityProvider& provider;
    const PendingSignIn& pending;
    const std::string& code;
};

std::string provider_secret_place(const TenantId& tenant, const ProviderId& provider) {
    return "provider:" + tenant.text() + ":" + provider.text();
}

std::string journey_name(std::string_view state) {
    constexpr std::size_t letters = 8;
    return hash_of(state).substr(0, letters);
}

std::string ProviderSignIn::return_url(const TenantId& tenant, const ProviderId& provider) const {
    if (parts_.public_url.empty())
        throw Problem(problems::unavailable,
                      "Signing in with a provider needs the setting server.public_url; "
                      "ask whoever runs this server.");
    std::string base = parts_.public_url;
    if (base.ends_with('/')) base.pop_back();
    return base + "/api/v1/tenants/" + tenant.text() + "/sign-in/" + provider.text() + "/callback";
}

Task<Departure> ProviderSignIn::begin(db::Unit unit, TenantId tenant, ProviderId id, std::string goes_on_at) {
    const std::string redirect_uri = return_url(tenant, id);
    const auto find_active = [&](Tx& tx) { return expect_active(tx, tenant, id); };
    const IdentityProvider provider = co_await parts_.database.read(unit, find_active);
    const auto known = co_await parts_.issuers.find(provider.issuer);
    if (known->endpoints.authorization_url.empty() || known->endpoints.token_url.empty())
        refuse_provider(provider, "is nobody to sign in with: its discovery document names no endpoints");

    const std::string state = make_unguessable(parts_.context.random);
    std::string browser_mark = make_unguessable(parts_.context.random);
    const PendingSignIn made{.state_hash = hash_of(state),
                             .provider_id = id,
                             .browser_hash = hash_of(browser_mark),
                             .nonce = make_unguessable(parts_.context.random),
                             .code_verifier = make_unguessable(parts_.context.random),
                             .goes_on_at = std::move(goes_on_at)};
    const auto keep = [&](Tx& tx) {
        (void)expect_active(tx, tenant, id);
        purge_pending_sign_ins(tx, tx.now());
        const std::chrono::seconds lifetime = lifetime_of_departure(tx, tenant);
        insert_pending_sign_in(tx, tenant, made, lifetime);
        return lifetime;
    };
    const std::chrono::seconds lifetime = co_await parts_.database.write(std::move(unit), keep);
    const std::string& endpoint = known->endpoints.authorization_url;
    const Fields question{{"response_type", "code"},
                          {"client_id", provider.client_id},
                          {"redirect_uri", redirect_uri},
                          {"scope", provider.scopes},
                          {"state", state},
                          {"nonce", made.nonce},
                          {"code_challenge", render_challenge(made.code_verifier)},
                          {"code_challenge_method", "S256"}};
    const char joint = endpoint.find('?') == endpoint.npos ? '?' : '&';
    co_return Departure{.url = endpoint + joint + render_form(question),
                        .journey = journey_name(state),
                        .browser_mark = std::move(browser_mark),
                        .lifetime = lifetime};
}

Task<std::string> ProviderSignIn::find_way_on(db::Unit unit, TenantId tenant, ProviderId id,
                                              std::string state) {
    const auto find = [&](Tx& tx) { return identity::find_way_on(tx, tenant, id, hash_of(state)); };
    co_return co_await parts_.database.read(std::move(unit), find);
}

Task<SignInOutcome> ProviderSignIn::finish(db::Unit unit, TenantId tenant, ProviderId id, Return back) {
    struct Arrival {
        IdentityProvider provider;
        std::optional<PendingSignIn> pending;
    };
    // Whatever comes of it, the state is used up.
    const auto take = [&](Tx& tx) {
        return Arrival{.provider = expect_active(tx, tenant, id),
                       .pending = take_pending_sign_in(tx, tenant, id, hash_of(back.state))};
    };
    const Arrival arrival = co_await parts_.database.write(unit, take);
    const IdentityProvider& provider = arrival.provider;
    if (!arrival.pending) refuse_return("it was finished before, or too much time has passed");
    if (!is_equal_secret(arrival.pending->browser_hash, hash_of(back.browser_mark)))
        refuse_return("it was begun in another browser, or cookies are off");
    // Whoever chose the address must not choose what the person signs in for.
    if (arrival.pending->goes_on_at != back.goes_on_at) refuse_return("it was begun for something else");
    // Another provider's answer, sent here to be redeemed at the wrong place (RFC 9207).
    if (!back.issuer.empty() && back.issuer != provider.issuer)
        refuse_return("the answer is from another provider");
    if (!back.error.empty()) refuse_return(describe_error(back.error));
    if (back.code.empty() || back.code.size() > limits::provider_code_bytes)
        refuse_return("the provider sent no usable code");

    const auto known = co_await parts_.issuers.find(provider.issuer);
    const Exchange exchange{
        .tenant = tenant, .provider = provider, .pending = *arrival.pending, .code = back.code};
    const Claims claims = co_await verify(exchange, known);

    unit.actor = provider.id.text();
    unit.actor_tenant = tenant.text();
    const auto open = [&](Tx& tx) -> SignInOutcome {
        check_address(tx, tenant, back.visitor.address);
        // As it is now: an administrator may have changed its rules meanwhile.
        const IdentityProvider now = expect_active(tx, tenant, id);
        const User user = admit_provider_account(tx, tenant, now, claims, parts_.context);
        const auto account = find_account(tx, tenant, user.id);
        ensure(account.has_value(), "a user is an account");
        check_usable(account->account);
        const Opening opening{.method = SignInMethod::provider,
                              .has_second_factor = has_second_factor(claims),
                              .visitor = back.visitor};
        SignInOutcome outcome;
        if (account->credentials.has_second_factor() && !opening.has_second_factor)
            outcome.challenge = challenge_for(tenant, *account, back.goes_on_at);
        else
            outcome.signed_in = open_session(tx, tenant, *account, opening, parts_.mint);
        return outcome;
    };
    co_return co_await parts_.database.write(std::move(unit), open);
}

std::string ProviderSignIn::challenge_for(const TenantId& tenant, const KnownAccount& known,
                                          const std::string& goes_on_at) const {
    const Challenge challenge{.tenant = tenant,
                              .user = known.account.user_id,
                              .account = tenant.text() + " id " + known.account.user_id.text(),
                              .method = SignInMethod::provider,
                              .made_at = parts_.context.clock.now(),
                              .password_changed_at = known.credentials.password_changed_at,
                              .goes_on_at = goes_on_at};
    return seal_challenge(challenge, parts_.sealer, parts_.context.random);
}

Task<Claims> ProviderSignIn::verify(const Exchange& exchange, std::shared_ptr<const KnownIssuer> known) {
    const IdentityProvider& provider = exchange.provider;
    const std::string text = co_await redeem(exchange, known->endpoints);
    const IssuedTokenResult parsed = parse_issued_token(text);
    if (!parsed.token) refuse_provider(provider, "sent an identity token that " + std::string(parsed.fault));
    const auto latest = co_await parts_.issuers.find(provider.issuer, parsed.token->key_id());
    const TokenRules rules{
        .issuer = provider.issuer, .audience = provider.client_id, .nonce = exchange.pending.nonce};
    VerifiedToken verified = parsed.token->verify(latest->keys, rules, parts_.context.clock.now());
    if (!verified.claims)
        refuse_provider(provider, "sent an identity token that " + std::string(verified.fault));
    co_return *std::move(verified.claims);
}

// The code for an identity token, at the provider's own endpoint.
Task<std::string> ProviderSignIn::redeem(const Exchange& exchange, const IssuerEndpoints& endpoints) {
    const IdentityProvider& provider = exchange.provider;
    Fields fields{{"grant_type", "authorization_code"},
                  {"code", exchange.code},
                  {"redirect_uri", return_url(exchange.tenant, provider.id)},
                  {"client_id", provider.client_id},
                  {"code_verifier", exchange.pending.code_verifier}};
    http::ClientRequest request;
    if (provider.client_secret) {
        const auto secret = parts_.sealer.open(provider.client_secret->value,
                                               provider_secret_place(exchange.tenant, provider.id));
        if (!secret)
            throw Problem(problems::unavailable,
                          "The client secret of the provider " + provider.name +
                              " cannot be opened; an administrator has to set it anew.");
        if (endpoints.takes_secret_in_body)
            fields.emplace_back("client_secret", *secret);
        else  // RFC 6749 §2.3.1: both encoded before they are joined
            request.headers.set("Authorization",
                                "Basic " + render_base64(http::encode_path_text(provider.client_id) + ":" +
                                                         http::encode_path_text(*secret)));
    }
    request.method = http::Method::post;
    request.url = endpoints.token_url;
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.headers.set("Accept", "application/json");
    request.body = render_form(fields);
    request.deadline = std::chrono::steady_clock::now() + limits::issuer_timeout;
    request.body_limit_bytes = limits::issuer_document_bytes;
    request.redirects.max_hops = 0;
    const http::ClientResponse response = co_await parts_.client.send(std::move(request));
    if (response.status != 200)
        refuse_provider(
            provider, "did not take the code: its answer has the status " + std::to_string(response.status));
    const std::string body = co_await http::read_all(*response.body, limits::issuer_document_bytes);
    const StrictJson answer = parse_strict_json(body, limits::issuer_document_bytes);
    const boost::json::value* token = answer.object ? answer.object->if_contains("id_token") : nullptr;
    if (token == nullptr || !token->is_string()) refuse_provider(provider, "sent no identity token");
    co_return std::string(token->get_string());
}

}  // namespace lodestone::identity
