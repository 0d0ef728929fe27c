// Repositories over HTTP, named by what stands in their clients' URLs too, or by their ids.
#include "api/repositories.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "api/outsiders.hpp"
#include "base/number_id.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "identity/identity.hpp"
#include "identity/rules/policy.hpp"
#include "identity/rules/principal.hpp"
#include "packages/repository.hpp"
#include "packages/repository_rules.hpp"
#include "packages/usage.hpp"

namespace lodestone::api {

using packages::AppId;
using packages::RepositoryId;
using packages::RepositoryKind;
using packages::RepositoryVisibility;

struct DescribedRepository {
    AppId app_id;
    Text<limits::repository_name_bytes> name;
    Text<limits::name_bytes> format;
    std::optional<RepositoryKind> kind;
    std::optional<RepositoryVisibility> visibility;
    std::optional<Text<limits::description_bytes, 0>> description;
    std::optional<JsonObject> settings;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(DescribedRepository, (),
                      (app_id, name, format, kind, visibility, description, settings, metadata))

struct NewRepository : DescribedRepository {
    std::optional<SecretText> upstream_secret;
};
BOOST_DESCRIBE_STRUCT(NewRepository, (DescribedRepository), (upstream_secret))

// Not its name: scopes and policies are about the name, and clients have it in their settings.
struct ChangedDescription {
    std::optional<RepositoryVisibility> visibility;
    std::optional<Text<limits::description_bytes, 0>> description;
    std::optional<JsonObject> settings;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(ChangedDescription, (), (visibility, description, settings, metadata))

struct RepositoryChange : ChangedDescription {
    Clearable<SecretText> upstream_secret;
};
BOOST_DESCRIBE_STRUCT(RepositoryChange, (ChangedDescription), (upstream_secret))

struct RepositoryView : Stamped {
    RepositoryId id;
    AppId app_id;
    std::string name;
    std::string format;
    RepositoryKind kind{};
    RepositoryVisibility visibility{};
    std::string description;
    JsonObject settings;
    bool has_upstream_secret = false;
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(RepositoryView, (Stamped),
                      (id, app_id, name, format, kind, visibility, description, settings, has_upstream_secret,
                       metadata))

// One repository also tells how much it holds.
struct UsageView {
    std::int64_t bytes = 0;
    std::int64_t package_count = 0;
    std::int64_t version_count = 0;
    std::int64_t file_count = 0;
};
BOOST_DESCRIBE_STRUCT(UsageView, (), (bytes, package_count, version_count, file_count))

struct WholeRepositoryView : RepositoryView {
    UsageView usage;
};
BOOST_DESCRIBE_STRUCT(WholeRepositoryView, (RepositoryView), (usage))

inline void leave_out_insides(RepositoryView& view) {
    leave_out_insides(static_cast<Stamped&>(view));
    view.settings = {};
    view.has_upstream_secret = false;
}

// A row as it may be shown: of the secret only whether there is one.
struct ShownRepository : packages::Repository {
    bool has_upstream_secret = false;
};
BOOST_DESCRIBE_STRUCT(ShownRepository, (packages::Repository), (has_upstream_secret))

struct RepositoryFilters {
    static constexpr std::array<std::string_view, 3> sorts{"name", "created_at", "-created_at"};
    std::optional<Text<limits::name_bytes>> format;
    std::optional<RepositoryKind> kind;
    std::optional<RepositoryVisibility> visibility;
    std::optional<AppId> app_id;
    SearchText name;
    SearchText search;
};
BOOST_DESCRIBE_STRUCT(RepositoryFilters, (), (format, kind, visibility, app_id, name, search))

namespace {

using db::Tx;
using packages::Repository;

constexpr std::string_view kind = "repository";

identity::Resource resource_of(const TenantId& tenant, const Repository& repository) {
    return {.tenant = tenant,
            .type = std::string(kind),
            .id = repository.name,
            .app = repository.app_id,
            .tags = {},
            .attributes = {}};
}

RepositoryView to_view(const Repository& row) {
    ShownRepository shown;
    static_cast<Repository&>(shown) = row;
    shown.has_upstream_secret = row.upstream_secret.has_value();
    return make_view<RepositoryView>(shown);
}

std::optional<db::Secret<std::string>> seal(const Call& call, const TenantId& tenant, const RepositoryId& id,
                                            const std::optional<SecretText>& secret) {
    if (!secret) return std::nullopt;
    return db::Secret<std::string>{call.vault().sealer.seal(
        secret->value, packages::upstream_secret_place(tenant, id), call.context().random)};
}

// Nobody learns by naming them which repositories there are.
void check_may_see_members(const Call& call, const TenantId& tenant, const std::vector<Repository>& added) {
    for (const Repository& member : added)
        call.identity().gate.authorise_known(call.request(), "repository:read", resource_of(tenant, member));
}

// Whoever shows everybody what a repository holds may see it without that.
void check_may_show_everybody(const Call& call, const TenantId& tenant, const Repository& repository) {
    identity::Resource resource = resource_of(tenant, repository);
    call.identity().gate.authorise_known(call.request(), "package:download", resource);
    resource.type = "package";
    resource.id += "/*";
    call.identity().gate.authorise_known(call.request(), "package:download", resource);
    const auto& rights = call.principal().rights;
    if (!rights || !rights->policies) return;
    if (const identity::Policy* evaded =
            identity::find_evaded_policy(*rights->policies, repository.name, repository.app_id))
        throw Problem(problems::conflict,
                      "The policy \"" + evaded->name +
                          "\" denies some of what is in the repository to people who could read it as "
                          "strangers, were it public: have it deny \"anonymous\", too, or change it first.");
}

// Where the call's repository is.
struct Place {
    TenantId tenant;
    std::string called;

    explicit Place(const Call& call)
        : tenant(call.id<TenantId>("tenant")), called(call.request().parameter("repository")) {}
    std::optional<Repository> operator()(Tx& tx) const {
        return packages::find_repository_called(tx, tenant, called);
    }
};

Task<Created<RepositoryView>> create_repository(Call& call, NewRepository input) {
    const auto tenant = call.id<TenantId>("tenant");
    packages::NewRepository made{.number = make_number(call.context().clock, call.context().random),
                                 .formats = packages::served_formats()};
    apply(static_cast<const DescribedRepository&>(input), made.repository);
    made.repository.id = call.new_id<RepositoryId>();
    made.repository.upstream_secret = seal(call, tenant, made.repository.id, input.upstream_secret);
    auto make = [&](Tx& tx) {
        call.identity().gate.authorise_known(call.request(), "repository:create",
                                             resource_of(tenant, made.repository));
        if (made.repository.visibility == RepositoryVisibility::everybody)
            check_may_show_everybody(call, tenant, made.repository);
        const Repository stored = packages::insert_repository(tx, tenant, made);
        check_may_see_members(call, tenant, packages::find_added_members(tx, tenant, stored));
        return to_view(stored);
    };
    co_return co_await call.create(make);
}

Task<Listed<RepositoryView>> list_repositories(Call& call, ListQuery<RepositoryFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return packages::list_repositories(tx, tenant, query.request); };
    const auto page = co_await call.read(list);
    co_return list_views<RepositoryView>(page, to_view);
}

Task<Shown<WholeRepositoryView>> show_repository(Call& call) {
    const Place place(call);
    auto show = [&](Tx& tx) {
        const std::optional<Repository> repository = place(tx);
        if (!repository) db::refuse_absent(kind, place.called);
        WholeRepositoryView view;
        static_cast<RepositoryView&>(view) = to_view(*repository);
        view.usage = make_view<UsageView>(packages::find_usage(tx, {place.tenant, repository->id}));
        return as_seen_by(call, place.tenant, std::move(view));
    };
    Shown<WholeRepositoryView> shown{co_await call.read(show)};
    co_return shown;
}

Task<Acted<RepositoryView>> change_repository(Call& call, RepositoryChange change) {
    const Place place(call);
    auto update = [&](Tx& tx, Repository repository) {
        const Repository before = repository;
        apply(static_cast<const ChangedDescription&>(change), repository);
        if (change.upstream_secret.is_given)
            repository.upstream_secret =
                seal(call, place.tenant, repository.id, change.upstream_secret.value);
        if (before.visibility != repository.visibility &&
            repository.visibility == RepositoryVisibility::everybody)
            check_may_show_everybody(call, place.tenant, repository);
        check_may_see_members(call, place.tenant,
                              packages::find_added_members(tx, place.tenant, repository, &before));
        return to_view(packages::update_repository(tx, place.tenant, std::move(repository)));
    };
    co_return co_await change_seen<RepositoryView>(call, kind, place.called, place, update);
}

Task<Removed> delete_repository(Call& call) {
    const Place place(call);
    auto mark = [&](Tx& tx, Repository repository) {
        packages::delete_repository(tx, place.tenant, std::move(repository));
    };
    co_return co_await delete_seen(call, kind, place.called, place, mark);
}

Task<Shown<RepositoryView>> restore_repository(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto id = call.id<RepositoryId>("repository");
    // The path has an id only; what is restored has a name, which rules may be about.
    auto restore = [&](Tx& tx) {
        const Repository restored = packages::restore_repository(tx, tenant, id);
        call.identity().gate.authorise_known(call.request(), "repository:restore",
                                             resource_of(tenant, restored));
        return to_view(restored);
    };
    Shown<RepositoryView> shown{co_await call.write(restore)};
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_repositories>(get, "/api/v1/tenants/{tenant}/repositories",
                                in_app_of_query("repository:list"), "listRepositories",
                                "Lists the repositories of a tenant, or of one app."),
    endpoint<create_repository>(post, "/api/v1/tenants/{tenant}/repositories",
                                in_app_of_body("repository:create"), "createRepository",
                                "Makes a repository of an app."),
    endpoint<show_repository>(get, "/api/v1/tenants/{tenant}/repositories/{repository}",
                              of_repository("repository:read"), "showRepository",
                              "Shows a repository, by its name or id."),
    endpoint<change_repository>(patch, "/api/v1/tenants/{tenant}/repositories/{repository}",
                                of_repository("repository:update"), "changeRepository",
                                "Changes the fields that are sent."),
    endpoint<delete_repository>(del, "/api/v1/tenants/{tenant}/repositories/{repository}",
                                of_repository("repository:delete"), "deleteRepository",
                                "Deletes a repository with what it holds; it can be restored until it is "
                                "purged."),
    endpoint<restore_repository>(post, "/api/v1/tenants/{tenant}/repositories/{repository}/restore",
                                 on("repository:restore", "repository"), "restoreRepository",
                                 "Brings a deleted repository back, by its id."),
};

}  // namespace

std::span<const Endpoint> repository_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
