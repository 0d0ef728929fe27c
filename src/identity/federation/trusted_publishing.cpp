// Verify first, against what an administrator configured; decide then; and in one transaction spend the token
// and make the key.
#include "identity/federation/trusted_publishing.hpp"

#include <algorithm>
#include <vector>

#include "base/field_problem.hpp"
#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "identity/federation/issuer_directory.hpp"
#include "identity/federation/spent_tokens.hpp"

namespace lodestone::identity {

namespace {

[[noreturn]] void refuse_token(std::string_view fault) {
    throw Problem(problems::unauthenticated, "The token " + std::string(fault) + ".");
}

std::string claim(const Claims& claims, std::string_view name) {
    return claims.text(name).value_or(std::string());
}

// "<place>@<ref>" without the ref. A file's name may hold an @ as well; a rule never does, so what is cut in
// the wrong place equals none.
std::string before_ref(std::string_view text) {
    const auto at = text.rfind('@');
    return at == text.npos ? std::string() : std::string(text.substr(0, at));
}

// What stands behind `beginning`; empty when the text begins otherwise.
std::string behind(const std::string& text, const std::string& beginning) {
    return text.starts_with(beginning) ? text.substr(beginning.size()) : std::string();
}

// A sentence about where the token is from, for whoever has to find out which rule is wrong.
std::string describe(const PipelineOrigin& origin) {
    std::string text = "repository ";
    append_json_string(text, origin.repository);
    text += " (id ";
    append_json_string(text, origin.repository_id);
    text += ", owner's id ";
    append_json_string(text, origin.owner_id);
    text += "), workflow ";
    append_json_string(text, origin.workflow);
    text += ", environment ";
    append_json_string(text, origin.environment);
    return text;
}

// Those that are for the token's origin, and for the app if one was named.
std::vector<TrustedPublisher> select(const std::vector<TrustedPublisher>& publishers, const Claims& claims,
                                     const std::optional<AppId>& app) {
    std::vector<TrustedPublisher> matching;
    for (const TrustedPublisher& publisher : publishers)
        if (is_from(read_origin(claims, publisher.forge), publisher) && (!app || publisher.app_id == *app))
            matching.push_back(publisher);
    return matching;
}

}  // namespace

PipelineOrigin read_origin(const Claims& claims, Forge forge) {
    PipelineOrigin origin;
    origin.environment = claim(claims, "environment");
    switch (forge) {
        case Forge::github:
            origin.repository = claim(claims, "repository");
            origin.repository_id = claim(claims, "repository_id");
            origin.owner_id = claim(claims, "repository_owner_id");
            // "acme/widgets/.github/workflows/release.yml@refs/heads/main"
            origin.workflow = before_ref(behind(claim(claims, "workflow_ref"), origin.repository + "/"));
            return origin;
        case Forge::gitlab:
            origin.repository = claim(claims, "project_path");
            origin.repository_id = claim(claims, "project_id");
            origin.owner_id = claim(claims, "namespace_id");
            // "forge.example/acme/widgets//.gitlab-ci.yml@refs/heads/main": of this project, not of another.
            const std::string place = claim(claims, "ci_config_ref_uri");
            const auto host_end = place.find('/');
            if (host_end != place.npos)
                origin.workflow = before_ref(behind(place.substr(host_end + 1), origin.repository + "//"));
            return origin;
    }
    return origin;
}

bool is_from(const PipelineOrigin& origin, const TrustedPublisher& publisher) {
    // A rule is never empty, so what a token leaves out equals none.
    return origin.repository == publisher.repository && origin.repository_id == publisher.repository_id &&
           origin.owner_id == publisher.owner_id && origin.workflow == publisher.workflow &&
           (!publisher.environment || origin.environment == *publisher.environment);
}

TrustedPublishing::TrustedPublishing(db::Database& database, IssuerDirectory& issuers, const TokenMint& mint,
                                     const Clock& clock, std::string audience)
    : database_(database), issuers_(issuers), mint_(mint), clock_(clock), audience_(std::move(audience)) {}

Task<ExchangedKey> TrustedPublishing::exchange(db::Unit unit, TokenExchange wanted) {
    std::optional<Claims> claims;
    const TrustedPublisher publisher = co_await verify(unit, wanted, claims);
    unit.actor = publisher.id.text();
    unit.actor_tenant = wanted.tenant.text();
    const auto issue_once = [&](db::Tx& tx) { return issue(tx, wanted.tenant, publisher, *claims); };
    co_return co_await database_.write(std::move(unit), issue_once);
}

IssuedToken TrustedPublishing::need_token(const TokenExchange& wanted) const {
    if (audience_.empty())
        throw Problem(
            problems::unavailable,
            "Trusted publishing needs the setting server.public_url; ask whoever runs this server.");
    IssuedTokenResult parsed = parse_issued_token(wanted.token);
    if (!parsed.token) refuse_token(parsed.fault);
    return *std::move(parsed.token);
}

Task<Claims> TrustedPublishing::check_token(const IssuedToken& token, const std::string& issuer,
                                            const TokenExchange& wanted) {
    const auto known = co_await issuers_.find(issuer, token.key_id());
    const TokenRules rules{
        .issuer = issuer, .audience = wanted.audience.empty() ? audience_ : wanted.audience, .nonce = {}};
    VerifiedToken verified = token.verify(known->keys, rules, clock_.now());
    if (!verified.claims) refuse_token(verified.fault);
    const std::string token_id = claim(*verified.claims, "jti");
    if (token_id.empty() || token_id.size() > limits::token_id_bytes)
        refuse_token("has no usable \"jti\", by which it could be told from others");
    co_return *std::move(verified.claims);
}

// Nothing that the token says counts before it is verified, but for who is asked for the keys.
Task<TenantId> TrustedPublishing::find_tenant(const db::Unit& unit, const TokenExchange& wanted) {
    const IssuedToken token = need_token(wanted);
    const std::string& issuer = token.claimed_issuer();
    const auto is_known = [&](db::Tx& tx) { return is_trusted_anywhere(tx, issuer); };
    if (!co_await database_.read(unit, is_known)) refuse_token("is from an issuer that nobody here trusts");
    const Claims claims = co_await check_token(token, issuer, wanted);
    std::vector<TenantId> tenants;
    const auto find = [&](db::Tx& tx) {
        for (const Forge forge : {Forge::github, Forge::gitlab}) {
            const PipelineOrigin origin = read_origin(claims, forge);
            for (PublisherOfTenant& one : list_publishers_everywhere(tx, issuer, origin.repository_id))
                if (one.forge == forge && is_from(origin, one)) tenants.push_back(std::move(one.tenant_id));
        }
    };
    co_await database_.read(unit, find);
    if (tenants.empty() || std::ranges::find(tenants, wanted.tenant) != tenants.end())
        co_return wanted.tenant;
    co_return tenants.front();  // who trusts it the longest: nobody takes a pipeline by trusting it, too
}

Task<TrustedPublisher> TrustedPublishing::verify(const db::Unit& unit, const TokenExchange& wanted,
                                                 std::optional<Claims>& claims) {
    const IssuedToken token = need_token(wanted);
    const auto list_trusting = [&](db::Tx& tx) {
        return list_publishers_of_issuer(tx, wanted.tenant, token.claimed_issuer());
    };
    const std::vector<TrustedPublisher> publishers = co_await database_.read(unit, list_trusting);
    if (publishers.empty()) refuse_token("is from an issuer that no publisher of this tenant trusts");
    // From here on the issuer is the configured one.
    Claims verified = co_await check_token(token, publishers.front().issuer, wanted);
    const std::vector<TrustedPublisher> matching = select(publishers, verified, wanted.app);
    if (matching.empty())
        throw Problem(problems::forbidden,
                      "The token is genuine, but no publisher " +
                          std::string(wanted.app ? "of this app" : "of this tenant") +
                          " is for its origin: " + describe(read_origin(verified, publishers.front().forge)) +
                          ".");
    if (std::ranges::any_of(matching, [&](const auto& one) { return one.app_id != matching.front().app_id; }))
        throw field_problem("app_id", "is missing: the pipeline may publish for several apps; name one.");
    if (matching.size() > 1)
        throw Problem(problems::conflict,
                      "Several publishers of the app are for this pipeline; delete all but one of them.");
    claims = std::move(verified);
    co_return matching.front();
}

ExchangedKey TrustedPublishing::issue(db::Tx& tx, const TenantId& tenant, const TrustedPublisher& publisher,
                                      const Claims& claims) const {
    // Its rules may have gone while the issuer was asked, and so may its app or tenant.
    const auto publishers = list_publishers_of_issuer(tx, tenant, publisher.issuer);
    if (std::ranges::count(publishers, publisher) == 0)
        throw Problem(problems::forbidden, "The publisher was deleted or suspended a moment ago.");
    const std::string token_id = claim(claims, "jti");
    if (!spend_token(tx, claims.issuer(), token_id, claims.expires_at() + limits::token_skew))
        refuse_token("was exchanged before; each is good once");
    purge_spent_tokens(tx, tx.now());

    NewKey wanted;
    wanted.app_id = publisher.app_id;
    wanted.name = publisher.name;
    wanted.scopes = publisher.find_scopes();
    wanted.expires_at = tx.now() + std::chrono::seconds(publisher.lifetime_seconds);
    ExchangedKey exchanged{.issued = issue_publisher_key(tx, tenant, wanted, mint_),
                           .publisher = publisher.id};
    std::string details = R"({"key":)";
    append_json_string(details, exchanged.issued.key.id.text());
    details += R"(,"token_id":)";
    append_json_string(details, token_id);
    details += R"(,"subject":)";
    append_json_string(details, claims.subject());
    details += '}';
    tx.record({.action = "publisher.exchange",
               .tenant = tenant.text(),
               .subject = publisher.id.text(),
               .details = std::move(details)});
    return exchanged;
}

}  // namespace lodestone::identity
