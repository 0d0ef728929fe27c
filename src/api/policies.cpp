// Policies over HTTP. One that allows gives, so nobody writes what they may not do themselves.
#include "api/policies.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/key_view.hpp"
#include "identity/nouns/stored_policy.hpp"

namespace lodestone::api {

using identity::AppId;
using identity::PolicyId;

struct NewPolicy {
    std::optional<AppId> app_id;
    Text<limits::name_bytes> name;
    std::optional<Text<limits::description_bytes, 0>> description;
    identity::PolicyEffect effect{};
    std::vector<Pattern> subjects;
    std::vector<Pattern> actions;
    std::vector<Pattern> resources;
    std::optional<JsonList> conditions;
    std::optional<identity::PolicyStatus> status;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(NewPolicy, (),
                      (app_id, name, description, effect, subjects, actions, resources, conditions, status,
                       metadata))

struct PolicyChange {
    std::optional<Text<limits::name_bytes>> name;
    std::optional<Text<limits::description_bytes, 0>> description;
    std::optional<identity::PolicyEffect> effect;
    std::optional<std::vector<Pattern>> subjects;
    std::optional<std::vector<Pattern>> actions;
    std::optional<std::vector<Pattern>> resources;
    std::optional<JsonList> conditions;
    std::optional<identity::PolicyStatus> status;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(PolicyChange, (),
                      (name, description, effect, subjects, actions, resources, conditions, status, metadata))

struct PolicyView : Stamped {
    PolicyId id;
    std::optional<AppId> app_id;
    std::string name;
    std::string description;
    identity::PolicyEffect effect{};
    StoredList subjects;
    StoredList actions;
    StoredList resources;
    JsonList conditions;
    identity::PolicyStatus status{};
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(PolicyView, (Stamped),
                      (id, app_id, name, description, effect, subjects, actions, resources, conditions,
                       status, metadata))

struct PolicyFilters {
    static constexpr std::array<std::string_view, 3> sorts{"name", "created_at", "-created_at"};
    std::optional<AppId> app_id;
    std::optional<identity::PolicyEffect> effect;
    std::optional<identity::PolicyStatus> status;
    SearchText name;
    SearchText search;
};
BOOST_DESCRIBE_STRUCT(PolicyFilters, (), (app_id, effect, status, name, search))

namespace {

using db::Tx;
using identity::StoredPolicy;

constexpr std::string_view kind = "policy";

// Where the call's policy is.
struct Place {
    TenantId tenant;
    PolicyId id;

    explicit Place(const Call& call) : tenant(call.id<TenantId>("tenant")), id(call.id<PolicyId>("policy")) {}
    std::optional<StoredPolicy> operator()(Tx& tx) const { return identity::find_policy(tx, tenant, id); }
};

// What it allows, whoever writes it has; what it denies takes nothing from the wall.
void check_may_give(const Call& call, const StoredPolicy& policy) {
    if (policy.effect == identity::PolicyEffect::allow && policy.status == identity::PolicyStatus::active)
        check_may_give_permissions(call.principal(), policy.actions, "actions");
}

Task<Created<PolicyView>> create_policy(Call& call, NewPolicy input) {
    const auto tenant = call.id<TenantId>("tenant");
    StoredPolicy policy;
    apply(input, policy);
    policy.id = call.new_id<PolicyId>();
    check_may_give(call, policy);
    auto make = [&](Tx& tx) { return make_view<PolicyView>(identity::insert_policy(tx, tenant, policy)); };
    co_return co_await call.create(make);
}

Task<Listed<PolicyView>> list_policies(Call& call, ListQuery<PolicyFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_policies(tx, tenant, query.request); };
    co_return co_await list_found<PolicyView>(call, list);
}

Task<Shown<PolicyView>> show_policy(Call& call) {
    const Place place(call);
    co_return co_await show_found<PolicyView>(call, kind, place.id.text(), place);
}

Task<Acted<PolicyView>> change_policy(Call& call, PolicyChange change) {
    const Place place(call);
    auto update = [&](Tx& tx, StoredPolicy policy) {
        apply(change, policy);
        check_may_give(call, policy);
        return identity::update_policy(tx, place.tenant, std::move(policy));
    };
    co_return co_await change_seen<PolicyView>(call, kind, place.id.text(), place, update);
}

Task<Removed> delete_policy(Call& call) {
    const Place place(call);
    auto mark = [&](Tx& tx, StoredPolicy policy) {
        identity::delete_policy(tx, place.tenant, std::move(policy));
    };
    co_return co_await delete_seen(call, kind, place.id.text(), place, mark);
}

Task<Shown<PolicyView>> restore_policy(Call& call) {
    const Place place(call);
    auto restore = [&](Tx& tx) {
        StoredPolicy policy = identity::restore_policy(tx, place.tenant, place.id);
        check_may_give(call, policy);
        return make_view<PolicyView>(policy);
    };
    Shown<PolicyView> shown{co_await call.write(restore)};
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_policies>(get, "/api/v1/tenants/{tenant}/policies", in_tenant("policy:list"),
                            "listPolicies", "Lists the policies of a tenant."),
    endpoint<create_policy>(post, "/api/v1/tenants/{tenant}/policies", in_tenant("policy:create"),
                            "createPolicy", "Makes a policy."),
    endpoint<show_policy>(get, "/api/v1/tenants/{tenant}/policies/{policy}", on("policy:read", "policy"),
                          "showPolicy", "Shows a policy."),
    endpoint<change_policy>(patch, "/api/v1/tenants/{tenant}/policies/{policy}",
                            on("policy:update", "policy"), "changePolicy",
                            "Changes the fields that are sent."),
    endpoint<delete_policy>(del, "/api/v1/tenants/{tenant}/policies/{policy}", on("policy:delete", "policy"),
                            "deletePolicy", "Deletes a policy; it can be restored until it is purged."),
    endpoint<restore_policy>(post, "/api/v1/tenants/{tenant}/policies/{policy}/restore",
                             on("policy:restore", "policy"), "restorePolicy",
                             "Brings a deleted policy back."),
};

}  // namespace

std::span<const Endpoint> policy_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
