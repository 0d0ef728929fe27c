// Trusted publishers over HTTP.
#include "api/publishers.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "base/ensure.hpp"
#include "identity/federation/federation.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/trusted_publisher.hpp"
#include "identity/rules/roles.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::api {

using PatternText = Text<limits::pattern_bytes>;
using RuleText = Text<limits::publisher_rule_bytes>;

struct PublisherScope {
    std::vector<PatternText> actions;
    std::optional<std::vector<PatternText>> resources;
    std::optional<std::vector<PatternText>> tags;
};
BOOST_DESCRIBE_STRUCT(PublisherScope, (), (actions, resources, tags))

struct NewPublisher {
    identity::AppId app_id;
    Text<limits::name_bytes> name;
    identity::Forge forge{};
    Text<limits::issuer_bytes> issuer;
    RuleText repository;
    RuleText repository_id;
    RuleText owner_id;
    RuleText workflow;
    std::optional<RuleText> environment;
    std::vector<PublisherScope> scopes;
    std::optional<Number<60, 900>> lifetime_seconds;
};
BOOST_DESCRIBE_STRUCT(NewPublisher, (),
                      (app_id, name, forge, issuer, repository, repository_id, owner_id, workflow,
                       environment, scopes, lifetime_seconds))

struct PublisherView {
    identity::PublisherId id;
    identity::AppId app_id;
    std::string name;
    identity::Forge forge{};
    std::string issuer;
    std::string repository;
    std::string repository_id;
    std::string owner_id;
    std::string workflow;
    std::optional<std::string> environment;
    std::vector<identity::Scope> scopes;
    std::int64_t lifetime_seconds = 0;
    Time created_at;
    std::string created_by;
};
BOOST_DESCRIBE_STRUCT(PublisherView, (),
                      (id, app_id, name, forge, issuer, repository, repository_id, owner_id, workflow,
                       environment, scopes, lifetime_seconds, created_at, created_by))

struct PublisherFilters {
    static constexpr std::array<std::string_view, 2> sorts{"-created_at", "created_at"};
    std::optional<identity::AppId> app_id;
    SearchText name;
};
BOOST_DESCRIBE_STRUCT(PublisherFilters, (), (app_id, name))

struct ExchangeRequest {
    Text<limits::issued_token_bytes> token;
    std::optional<identity::AppId> app_id;
};
BOOST_DESCRIBE_STRUCT(ExchangeRequest, (), (token, app_id))

struct ExchangedView {
    ShownOnce key;
    identity::KeyId key_id;
    identity::AppId app_id;
    identity::PublisherId publisher_id;
    std::vector<identity::Scope> scopes;
    Time expires_at;
};
BOOST_DESCRIBE_STRUCT(ExchangedView, (), (key, key_id, app_id, publisher_id, scopes, expires_at))

namespace {

using db::Tx;
using identity::PublisherId;
using identity::TrustedPublisher;

std::vector<identity::Scope> read_scopes(const std::vector<PublisherScope>& inputs) {
    std::vector<identity::Scope> scopes;
    for (const PublisherScope& input : inputs) {
        identity::Scope& scope = scopes.emplace_back();
        carry(input.actions, scope.actions);
        if (input.resources) carry(*input.resources, scope.resources);
        if (input.tags) carry(*input.tags, scope.tags);
    }
    return scopes;
}

PublisherView to_view(const TrustedPublisher& row) {
    return {.id = row.id,
            .app_id = row.app_id,
            .name = row.name,
            .forge = row.forge,
            .issuer = row.issuer,
            .repository = row.repository,
            .repository_id = row.repository_id,
            .owner_id = row.owner_id,
            .workflow = row.workflow,
            .environment = row.environment,
            .scopes = row.find_scopes(),
            .lifetime_seconds = row.lifetime_seconds,
            .created_at = row.created_at,
            .created_by = row.created_by};
}

TrustedPublisher read_publisher(const NewPublisher& input) {
    TrustedPublisher publisher;
    publisher.app_id = input.app_id;
    publisher.name = input.name.value;
    publisher.forge = input.forge;
    publisher.issuer = input.issuer.value;
    publisher.repository = input.repository.value;
    publisher.repository_id = input.repository_id.value;
    publisher.owner_id = input.owner_id.value;
    publisher.workflow = input.workflow.value;
    if (input.environment) publisher.environment = input.environment->value;
    publisher.scopes = identity::render_scopes(read_scopes(input.scopes));
    if (input.lifetime_seconds) publisher.lifetime_seconds = input.lifetime_seconds->value;
    return publisher;
}

Task<Created<PublisherView>> create_publisher(Call& call, NewPublisher input) {
    const auto tenant = call.id<TenantId>("tenant");
    TrustedPublisher publisher = read_publisher(input);
    publisher.id = call.new_id<PublisherId>();
    // Its keys are good from everywhere.
    check_may_give_key(call.principal(),
                       {.scopes = publisher.find_scopes(), .networks = {}, .expires_at = {}});
    auto make = [&](Tx& tx) {
        const auto robot = identity::RoleId::trusted(std::string(identity::robot_role));
        check_may_give_role(tx, call.principal(), tenant, publisher.app_id, robot);
        return to_view(identity::insert_publisher(tx, tenant, publisher));
    };
    co_return co_await call.create(make);
}

Task<Listed<PublisherView>> list_publishers(Call& call, ListQuery<PublisherFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_publishers(tx, tenant, query.request); };
    const auto page = co_await call.read(list);
    co_return list_views<PublisherView>(page, to_view);
}

Task<Shown<PublisherView>> show_publisher(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto id = call.id<PublisherId>("publisher");
    auto find = [&](Tx& tx) { return identity::find_publisher(tx, tenant, id); };
    const auto found = co_await call.read(find);
    if (!found) db::refuse_absent("publisher", id.text());
    co_return Shown<PublisherView>{to_view(*found)};
}

Task<Done> delete_publisher(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto id = call.id<PublisherId>("publisher");
    auto remove = [&](Tx& tx) { identity::delete_publisher(tx, tenant, id); };
    co_await call.write(remove);
    co_return Done{};
}

// Open to everybody: the token is what is shown.
Task<Shown<ExchangedView>> exchange_token(Call& call, ExchangeRequest input) {
    identity::Identity* const identity = call.context().identity;
    ensure(identity != nullptr && identity->federation != nullptr, "whoever serves the API has identity");
    identity::TokenExchange wanted{
        .tenant = call.id<TenantId>("tenant"), .token = std::move(input.token.value), .app = input.app_id};
    const identity::ExchangedKey exchanged =
        co_await identity->federation->publishing.exchange(call.unit(), std::move(wanted));
    const identity::Key& key = exchanged.issued.key;
    co_return Shown<ExchangedView>{
        ExchangedView{.key = {exchanged.issued.text},
                      .key_id = key.id,
                      .app_id = *key.app_id,
                      .publisher_id = exchanged.publisher,
                      .scopes = key.find_scopes().value_or(std::vector<identity::Scope>()),
                      .expires_at = key.expires_at}};
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_publishers>(get, "/api/v1/tenants/{tenant}/publishers", in_tenant("publisher:list"),
                              "listPublishers", "Lists the pipelines that may publish."),
    endpoint<create_publisher>(post, "/api/v1/tenants/{tenant}/publishers", in_tenant("publisher:create"),
                               "createPublisher", "Trusts a pipeline to publish for an app."),
    endpoint<show_publisher>(get, "/api/v1/tenants/{tenant}/publishers/{publisher}",
                             on("publisher:read", "publisher"), "showPublisher",
                             "Shows a pipeline that may publish."),
    endpoint<delete_publisher>(del, "/api/v1/tenants/{tenant}/publishers/{publisher}",
                               on("publisher:delete", "publisher"), "deletePublisher",
                               "Trusts a pipeline no more."),
    endpoint<exchange_token>(post, "/api/v1/tenants/{tenant}/trusted-publishing/exchange", Access::open,
                             "exchangeToken",
                             "Gives a key for some minutes for the token of a trusted pipeline."),
};

}  // namespace

std::span<const Endpoint> publisher_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
