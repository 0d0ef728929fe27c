// Identity providers over HTTP. Their secrets come in and are sealed; they never go out.
#include "api/providers.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "base/ensure.hpp"
#include "identity/federation/federation.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/identity_provider.hpp"

namespace lodestone::api {

using ProviderText = Text<limits::provider_text_bytes>;

struct NewProvider {
    std::optional<identity::ProviderId> id;
    Text<limits::name_bytes> name;
    Text<limits::issuer_bytes> issuer;
    ProviderText client_id;
    std::optional<SecretText> client_secret;
    std::optional<ProviderText> scopes;
    std::optional<ProviderText> group_claim;
    std::optional<JsonObject> group_roles;
    std::optional<identity::ProviderRegistration> registration;
    std::optional<bool> links_by_email;
};
BOOST_DESCRIBE_STRUCT(NewProvider, (),
                      (id, name, issuer, client_id, client_secret, scopes, group_claim, group_roles,
                       registration, links_by_email))

struct ProviderChange {
    std::optional<Text<limits::name_bytes>> name;
    std::optional<ProviderText> client_id;
    Clearable<SecretText> client_secret;
    std::optional<ProviderText> scopes;
    Clearable<ProviderText> group_claim;
    std::optional<JsonObject> group_roles;
    std::optional<identity::ProviderRegistration> registration;
    std::optional<bool> links_by_email;
    std::optional<identity::ProviderStatus> status;
};
BOOST_DESCRIBE_STRUCT(ProviderChange, (),
                      (name, client_id, client_secret, scopes, group_claim, group_roles, registration,
                       links_by_email, status))

struct ProviderView : Stamped {
    identity::ProviderId id;
    std::string name;
    std::string issuer;
    std::string client_id;
    bool has_client_secret = false;
    std::string scopes;
    std::optional<std::string> group_claim;
    JsonObject group_roles;
    identity::ProviderRegistration registration{};
    bool links_by_email = false;
    identity::ProviderStatus status{};
};
BOOST_DESCRIBE_STRUCT(ProviderView, (Stamped),
                      (id, name, issuer, client_id, has_client_secret, scopes, group_claim, group_roles,
                       registration, links_by_email, status))

struct ProviderFilters {
    static constexpr std::array<std::string_view, 2> sorts{"-created_at", "created_at"};
    std::optional<identity::ProviderStatus> status;
    SearchText name;
};
BOOST_DESCRIBE_STRUCT(ProviderFilters, (), (status, name))

namespace {

using db::Tx;
using identity::IdentityProvider;
using identity::ProviderId;

constexpr std::string_view kind = "provider";

ProviderView to_view(const IdentityProvider& row) {
    ProviderView view;
    view.version = row.version;
    view.created_at = row.created_at;
    view.created_by = row.created_by;
    view.updated_at = row.updated_at;
    view.updated_by = row.updated_by;
    view.id = row.id;
    view.name = row.name;
    view.issuer = row.issuer;
    view.client_id = row.client_id;
    view.has_client_secret = row.client_secret.has_value();
    view.scopes = row.scopes;
    view.group_claim = row.group_claim;
    view.group_roles.text = row.group_roles;
    view.registration = row.registration;
    view.links_by_email = row.links_by_email;
    view.status = row.status;
    return view;
}

db::Secret<std::string> seal(const Call& call, const TenantId& tenant, const ProviderId& id,
                             const SecretText& secret) {
    const identity::Identity* const identity = call.context().identity;
    ensure(identity != nullptr && identity->federation != nullptr, "whoever serves the API has identity");
    return {identity->federation->sealer.seal(secret.value, identity::provider_secret_place(tenant, id),
                                              call.context().random)};
}

// A provider says who somebody is, and groups of its own say what they may do: whoever trusts one could
// become anybody through it, and so has to be allowed everything already.
void check_may_trust_a_provider(const Call& call) {
    check_may_give_permissions(call.principal(), R"(["*"])", {});
}

Task<Created<ProviderView>> create_provider(Call& call, NewProvider input) {
    check_may_trust_a_provider(call);
    const auto tenant = call.id<TenantId>("tenant");
    IdentityProvider provider;
    provider.id = call.new_id(input.id);
    carry(input.name, provider.name);
    carry(input.issuer, provider.issuer);
    carry(input.client_id, provider.client_id);
    if (input.client_secret) provider.client_secret = seal(call, tenant, provider.id, *input.client_secret);
    carry(input.scopes, provider.scopes);
    if (input.group_claim) provider.group_claim = input.group_claim->value;
    carry(input.group_roles, provider.group_roles);
    carry(input.registration, provider.registration);
    carry(input.links_by_email, provider.links_by_email);
    auto make = [&](Tx& tx) { return to_view(identity::insert_provider(tx, tenant, provider)); };
    co_return co_await call.create(make);
}

Task<Listed<ProviderView>> list_providers(Call& call, ListQuery<ProviderFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_providers(tx, tenant, query.request); };
    const auto page = co_await call.read(list);
    co_return list_views<ProviderView>(page, to_view);
}

Task<Shown<ProviderView>> show_provider(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto id = call.id<ProviderId>("provider");
    auto find = [&](Tx& tx) { return identity::find_provider(tx, tenant, id); };
    const auto found = co_await call.read(find);
    if (!found) db::refuse_absent(kind, id.text());
    co_return Shown<ProviderView>{to_view(*found)};
}

Task<Shown<ProviderView>> change_provider(Call& call, ProviderChange change) {
    check_may_trust_a_provider(call);
    const auto tenant = call.id<TenantId>("tenant");
    const auto id = call.id<ProviderId>("provider");
    const Expectation expectation = call.expectation();
    expectation.require(kind);
    std::optional<db::Secret<std::string>> secret;
    if (change.client_secret.value) secret = seal(call, tenant, id, *change.client_secret.value);
    auto update = [&](Tx& tx) {
        IdentityProvider provider =
            expectation.expect(identity::find_provider(tx, tenant, id), kind, id.text());
        carry(change.name, provider.name);
        carry(change.client_id, provider.client_id);
        if (change.client_secret.is_given) provider.client_secret = secret;
        carry(change.scopes, provider.scopes);
        carry(change.group_claim, provider.group_claim);
        carry(change.group_roles, provider.group_roles);
        carry(change.registration, provider.registration);
        carry(change.links_by_email, provider.links_by_email);
        carry(change.status, provider.status);
        return to_view(identity::update_provider(tx, tenant, std::move(provider)));
    };
    Shown<ProviderView> shown{co_await call.write(update)};
    co_return shown;
}

Task<Removed> delete_provider(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto id = call.id<ProviderId>("provider");
    auto find = [tenant, id](Tx& tx) { return identity::find_provider(tx, tenant, id); };
    auto remove = [tenant](Tx& tx, const IdentityProvider& provider) {
        identity::delete_provider(tx, tenant, provider);
    };
    co_return co_await delete_seen(call, kind, id.text(), find, remove);
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_providers>(get, "/api/v1/tenants/{tenant}/providers", in_tenant("provider:list"),
                             "listProviders", "Lists the providers that people sign in with."),
    endpoint<create_provider>(post, "/api/v1/tenants/{tenant}/providers", in_tenant("provider:create"),
                              "createProvider", "Adds a provider that people sign in with."),
    endpoint<show_provider>(get, "/api/v1/tenants/{tenant}/providers/{provider}",
                            on("provider:read", "provider"), "showProvider",
                            "Shows a provider, but never its secret."),
    endpoint<change_provider>(patch, "/api/v1/tenants/{tenant}/providers/{provider}",
                              on("provider:update", "provider"), "changeProvider",
                              "Changes the fields that are sent."),
    endpoint<delete_provider>(del, "/api/v1/tenants/{tenant}/providers/{provider}",
                              on("provider:delete", "provider"), "deleteProvider",
                              "Removes a provider; accounts that were linked to it stay."),
};

}  // namespace

std::span<const Endpoint> provider_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
