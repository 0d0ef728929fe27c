// Branches over HTTP: the places of an app, found and changed under the app that has them.
#include "api/branches.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "identity/nouns/app.hpp"
#include "identity/nouns/branch.hpp"

namespace lodestone::api {

using identity::AppId;
using identity::BranchId;

struct NewBranch {
    std::optional<BranchId> id;
    Text<limits::branch_code_bytes> code;
    Text<limits::name_bytes> name;
    std::optional<identity::BranchType> type;
    std::optional<JsonObject> address;
    std::optional<JsonObject> contact;
    std::optional<JsonObject> settings;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(NewBranch, (), (id, code, name, type, address, contact, settings, metadata))

struct BranchChange {
    std::optional<Text<limits::branch_code_bytes>> code;
    std::optional<Text<limits::name_bytes>> name;
    std::optional<identity::BranchType> type;
    std::optional<JsonObject> address;
    std::optional<JsonObject> contact;
    std::optional<JsonObject> settings;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(BranchChange, (), (code, name, type, address, contact, settings, metadata))

struct BranchView : Stamped {
    BranchId id;
    std::string code;
    std::string name;
    identity::BranchType type{};
    identity::BranchStatus status{};
    JsonObject address;
    JsonObject contact;
    JsonObject settings;
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(BranchView, (Stamped),
                      (id, code, name, type, status, address, contact, settings, metadata))

struct BranchFilters {
    static constexpr std::array<std::string_view, 3> sorts{"name", "created_at", "-created_at"};
    std::optional<identity::BranchType> type;
    std::optional<identity::BranchStatus> status;
    SearchText name;
    SearchText search;
};
BOOST_DESCRIBE_STRUCT(BranchFilters, (), (type, status, name, search))

namespace {

using db::Tx;
using identity::Branch;

constexpr std::string_view kind = "branch";

struct AppPlace {
    TenantId tenant;
    AppId app;

    explicit AppPlace(const Call& call) : tenant(call.id<TenantId>("tenant")), app(call.id<AppId>("app")) {}
};

// Where the call's branch is.
struct Place : AppPlace {
    BranchId id;

    explicit Place(const Call& call) : AppPlace(call), id(call.id<BranchId>("branch")) {}
    std::optional<Branch> operator()(Tx& tx) const { return identity::find_branch(tx, tenant, app, id); }
};

Task<Created<BranchView>> create_branch(Call& call, NewBranch input) {
    const AppPlace place(call);
    Branch branch;
    apply(input, branch);
    branch.id = call.new_id(input.id);
    auto make = [&](Tx& tx) {
        return make_view<BranchView>(identity::insert_branch(tx, place.tenant, place.app, branch));
    };
    co_return co_await call.create(make);
}

Task<Listed<BranchView>> list_branches(Call& call, ListQuery<BranchFilters> query) {
    const AppPlace place(call);
    auto list = [&](Tx& tx) {
        identity::check_app_is_there(tx, place.tenant, place.app);
        return identity::list_branches(tx, place.tenant, place.app, query.request);
    };
    co_return co_await list_found<BranchView>(call, list);
}

Task<Shown<BranchView>> show_branch(Call& call) {
    const Place place(call);
    co_return co_await show_found<BranchView>(call, kind, place.id.text(), place);
}

Task<Acted<BranchView>> change_branch(Call& call, BranchChange change) {
    const Place place(call);
    auto update = [&](Tx& tx, Branch branch) {
        apply(change, branch);
        return identity::update_branch(tx, place.tenant, place.app, std::move(branch));
    };
    co_return co_await change_seen<BranchView>(call, kind, place.id.text(), place, update);
}

Task<Acted<BranchView>> disable_branch(Call& call) {
    const Place place(call);
    auto disable = [&](Tx& tx, const Branch& branch) {
        return identity::disable_branch(tx, place.tenant, place.app, branch.id);
    };
    co_return co_await act_on_seen<BranchView>(call, kind, place.id.text(), place, disable);
}

Task<Acted<BranchView>> activate_branch(Call& call) {
    const Place place(call);
    auto activate = [&](Tx& tx, const Branch& branch) {
        return identity::activate_branch(tx, place.tenant, place.app, branch.id);
    };
    co_return co_await act_on_seen<BranchView>(call, kind, place.id.text(), place, activate);
}

Task<Removed> delete_branch(Call& call) {
    const Place place(call);
    auto mark = [&](Tx& tx, Branch branch) {
        identity::delete_branch(tx, place.tenant, place.app, std::move(branch));
    };
    co_return co_await delete_seen(call, kind, place.id.text(), place, mark);
}

Task<Shown<BranchView>> restore_branch(Call& call) {
    const Place place(call);
    auto restore = [&](Tx& tx) {
        return make_view<BranchView>(identity::restore_branch(tx, place.tenant, place.app, place.id));
    };
    Shown<BranchView> shown{co_await call.write(restore)};
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_branches>(get, "/api/v1/tenants/{tenant}/apps/{app}/branches", in_app("branch:list"),
                            "listBranches", "Lists the branches of an app."),
    endpoint<create_branch>(post, "/api/v1/tenants/{tenant}/apps/{app}/branches", in_app("branch:create"),
                            "createBranch", "Makes a branch."),
    endpoint<show_branch>(get, "/api/v1/tenants/{tenant}/apps/{app}/branches/{branch}",
                          in_app("branch:read", "branch"), "showBranch", "Shows a branch."),
    endpoint<change_branch>(patch, "/api/v1/tenants/{tenant}/apps/{app}/branches/{branch}",
                            in_app("branch:update", "branch"), "changeBranch",
                            "Changes the fields that are sent."),
    endpoint<delete_branch>(del, "/api/v1/tenants/{tenant}/apps/{app}/branches/{branch}",
                            in_app("branch:delete", "branch"), "deleteBranch",
                            "Deletes a branch; it can be restored until it is purged."),
    endpoint<restore_branch>(post, "/api/v1/tenants/{tenant}/apps/{app}/branches/{branch}/restore",
                             in_app("branch:restore", "branch"), "restoreBranch",
                             "Brings a deleted branch back."),
    endpoint<disable_branch>(post, "/api/v1/tenants/{tenant}/apps/{app}/branches/{branch}/disable",
                             in_app("branch:update", "branch"), "disableBranch", "Disables a branch."),
    endpoint<activate_branch>(post, "/api/v1/tenants/{tenant}/apps/{app}/branches/{branch}/activate",
                              in_app("branch:update", "branch"), "activateBranch",
                              "Lets a disabled branch work again."),
};

}  // namespace

std::span<const Endpoint> branch_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
