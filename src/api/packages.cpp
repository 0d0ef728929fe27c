// Packages over HTTP: found by the keys that their format makes of names, so that any spelling finds them.
#include "api/packages.hpp"

#include <array>
#include <boost/describe/class.hpp>
#include <span>

#include "api/access_rules.hpp"
#include "api/package_place.hpp"
#include "base/hex.hpp"
#include "base/package_limits.hpp"
#include "base/time_text.hpp"
#include "identity/identity.hpp"
#include "packages/describe_package.hpp"
#include "packages/download.hpp"
#include "packages/file.hpp"
#include "packages/tag.hpp"

namespace lodestone::api {

using packages::VersionId;
using packages::VersionState;

struct PackageFilters {
    static constexpr std::array<std::string_view, 3> sorts{"name", "updated_at", "-updated_at"};
    SearchText name;
    SearchText search;
};
BOOST_DESCRIBE_STRUCT(PackageFilters, (), (name, search))

// How often it was fetched, as far as that is written down (packages/count_downloads.hpp).
struct DownloadsView {
    std::int64_t count = 0;
    std::optional<std::string> last_day;  // "2026-11-30", in UTC; none: never
};
BOOST_DESCRIBE_STRUCT(DownloadsView, (), (count, last_day))

struct ListedPackageView : PackageView {
    DownloadsView downloads;  // of all its versions
};
BOOST_DESCRIBE_STRUCT(ListedPackageView, (PackageView), (downloads))

struct ListedVersionView : VersionView {
    DownloadsView downloads;
};
BOOST_DESCRIBE_STRUCT(ListedVersionView, (VersionView), (downloads))

struct FileView {
    std::string name;
    std::int64_t size_bytes = 0;
    std::string sha256;
    std::string content_type;
    JsonObject digests;
    Time created_at{};
    std::string created_by;
};
BOOST_DESCRIBE_STRUCT(FileView, (), (name, size_bytes, sha256, content_type, digests, created_at, created_by))

// Null gives description and keywords back to what is published.
struct PackageChange {
    Clearable<Text<limits::description_bytes, 0>> description;
    Clearable<std::vector<Text<limits::keyword_bytes>>> keywords;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(PackageChange, (), (description, keywords, metadata))

// A version with what it consists of.
struct WholeVersionView : ListedVersionView {
    std::vector<std::string> tags;
    std::vector<FileView> files;
};
BOOST_DESCRIBE_STRUCT(WholeVersionView, (ListedVersionView), (tags, files))

struct VersionFilters {
    static constexpr std::array<std::string_view, 3> sorts{"-published_at", "published_at", "name"};
    std::optional<VersionState> state;
    SearchText name;
};
BOOST_DESCRIBE_STRUCT(VersionFilters, (), (state, name))

struct TagView {
    std::string name;
    std::string version_name;
    VersionId version_id;
    Time updated_at{};
    std::string updated_by;
};
BOOST_DESCRIBE_STRUCT(TagView, (), (name, version_name, version_id, updated_at, updated_by))

struct TagFilters {
    static constexpr std::array<std::string_view, 1> sorts{"name"};
    SearchText name;
};
BOOST_DESCRIBE_STRUCT(TagFilters, (), (name))

inline void leave_out_insides(WholeVersionView& view) {
    leave_out_insides(static_cast<VersionView&>(view));
    for (FileView& file : view.files) file.created_by.clear();
}
inline void leave_out_insides(TagView& view) {
    view.updated_by.clear();
}

namespace {

using db::Tx;

constexpr std::size_t date_bytes = 10;  // of "2026-11-30T…"

FileView view_of(const packages::File& file) {
    return {.name = file.name,
            .size_bytes = file.size_bytes,
            .sha256 = to_hex(file.sha256),
            .content_type = file.content_type,
            .digests = {file.digests},
            .created_at = file.created_at,
            .created_by = file.created_by};
}

DownloadsView view_of(const packages::Downloads& downloads) {
    DownloadsView view{.count = downloads.count, .last_day = {}};
    if (downloads.last_day)
        view.last_day = render_rfc3339(packages::begin_of_day(*downloads.last_day)).substr(0, date_bytes);
    return view;
}

ListedPackageView view_of(const packages::Package& package, const packages::Downloads& downloads) {
    ListedPackageView view;
    static_cast<PackageView&>(view) = make_view<PackageView>(package);
    view.downloads = view_of(downloads);
    return view;
}

ListedVersionView view_of(const packages::Version& version, const packages::Downloads& downloads) {
    ListedVersionView view;
    static_cast<VersionView&>(view) = make_view<VersionView>(version);
    view.downloads = view_of(downloads);
    return view;
}

// A page of rows, and how often each of them was fetched.
template <class View, class Row, class Place>
Listed<View> with_downloads(Tx& tx, const Place& place, const db::Page<Row>& page) {
    std::vector<decltype(Row::id)> ids;
    for (const Row& row : page.items) ids.push_back(row.id);
    const auto downloads = packages::list_downloads(tx, place, std::span<const decltype(Row::id)>(ids));
    Listed<View> listed{.items = {}, .next = page.next};
    for (std::size_t i = 0; i < page.items.size(); ++i)
        listed.items.push_back(view_of(page.items[i], downloads[i]));
    return listed;
}

// A policy may hide one package of a repository that is open.
Task<bool> may_see(Call& call, const identity::Resource& package) {
    const identity::Decision decision = co_await call.identity().gate.judge(
        call.request().principal, "package:list", package, call.request());
    co_return decision.is_allowed;
}

template <class View>
void show_outside(const Call& call, const TenantId& tenant, Listed<View>& listed) {
    for (View& view : listed.items) view = as_seen_by(call, tenant, std::move(view));
}

Task<Listed<ListedPackageView>> list_packages(Call& call, ListQuery<PackageFilters> query) {
    const InRepository in(call);
    auto list = [&](Tx& tx) {
        return with_downloads<ListedPackageView>(tx, in.place(),
                                                 packages::list_packages(tx, in.place(), query.request));
    };
    Listed<ListedPackageView> listed = co_await call.read(list);
    std::vector<ListedPackageView> seen;
    for (ListedPackageView& view : listed.items)
        if (co_await may_see(call, in.resource_of(view.name))) seen.push_back(std::move(view));
    listed.items = std::move(seen);
    show_outside(call, in.tenant, listed);
    co_return listed;
}

Task<Shown<ListedPackageView>> show_package(Call& call) {
    const PackageOfCall which(call);
    auto show = [&](Tx& tx) {
        const std::optional<packages::Package> package = which(tx);
        if (!package) db::refuse_absent("package", which.name);
        const packages::PackageId ids[] = {package->id};
        return view_of(*package, packages::list_downloads(tx, which.place(), ids).front());
    };
    Shown<ListedPackageView> shown{co_await call.read(show)};
    shown.view = as_seen_by(call, which.tenant, std::move(shown.view));
    co_return shown;
}

void apply_change(const PackageChange& change, packages::Package& package) {
    std::optional<std::string> description;
    carry(change.description, description);
    if (change.description.is_given) packages::set_description(package, description);
    std::optional<std::vector<std::string>> keywords;
    if (change.keywords.value) carry(*change.keywords.value, keywords.emplace());
    if (change.keywords.is_given) packages::set_keywords(package, keywords);
    carry(change.metadata, package.metadata);
}

Task<Acted<PackageView>> change_package(Call& call, PackageChange change) {
    const PackageOfCall which(call);
    auto describe = [&](Tx& tx, packages::Package package) {
        apply_change(change, package);
        return packages::describe_package(tx, {.tenant = which.tenant, .repository = which.repository},
                                          std::move(package));
    };
    co_return co_await change_seen<PackageView>(call, "package", which.name, which, describe);
}

Task<Listed<ListedVersionView>> list_versions(Call& call, ListQuery<VersionFilters> query) {
    const PackageOfCall which(call);
    auto list = [&](Tx& tx) {
        const packages::PackagePlace place = which.need(tx);
        return with_downloads<ListedVersionView>(tx, place,
                                                 packages::list_versions(tx, place, query.request));
    };
    Listed<ListedVersionView> listed = co_await call.read(list);
    show_outside(call, which.tenant, listed);
    co_return listed;
}

Task<Shown<WholeVersionView>> show_version(Call& call) {
    const PackageOfCall which(call);
    const std::string name = call.request().parameter("version");
    auto find = [&](Tx& tx) {
        const packages::PackagePlace place = which.need(tx);
        const auto version = packages::find_version_by_key(
            tx, place, packages::fold_version_name(*which.repository->described, name));
        if (!version) db::refuse_absent("version", name);
        const packages::VersionId ids[] = {version->id};
        WholeVersionView view;
        static_cast<ListedVersionView&>(view) =
            view_of(*version, packages::list_downloads(tx, place, ids).front());
        view.tags = packages::list_tags_of(tx, place, version->id);
        for (const packages::File& file : packages::list_files(tx, {place, version->id}))
            view.files.push_back(view_of(file));
        return as_seen_by(call, place.tenant, std::move(view));
    };
    Shown<WholeVersionView> shown{co_await call.read(find)};
    co_return shown;
}

Task<Listed<TagView>> list_tags(Call& call, ListQuery<TagFilters> query) {
    const PackageOfCall which(call);
    auto list = [&](Tx& tx) { return packages::list_tags(tx, which.need(tx), query.request); };
    const auto page = co_await call.read(list);
    Listed<TagView> listed =
        list_views<TagView>(page, [](const auto& row) { return make_view<TagView>(row); });
    show_outside(call, which.tenant, listed);
    co_return listed;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_packages>(get, "/api/v1/tenants/{tenant}/repositories/{repository}/packages",
                            of_repository("package:list"), "listPackages",
                            "Lists the packages of a repository."),
    endpoint<show_package>(get, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}",
                           of_repository("package:read", "package"), "showPackage", "Shows a package."),
    endpoint<change_package>(patch, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}",
                             of_repository("package:update", "package"), "changePackage",
                             "Changes the fields that are sent; what is null is said by what is published "
                             "again."),
    endpoint<list_versions>(
        get, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/versions",
        of_repository("package:read", "package"), "listVersions", "Lists the versions of a package."),
    endpoint<show_version>(
        get, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/versions/{version+}",
        of_repository("package:read", "package"), "showVersion", "Shows a version with its files and tags."),
    endpoint<list_tags>(get, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/tags",
                        of_repository("package:read", "package"), "listTags", "Lists the tags of a package."),
};

}  // namespace

std::span<const Endpoint> package_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
