// Packages over HTTP: found by the keys that their format makes of names, so that any spelling finds them.
#include "api/packages.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/package_place.hpp"
#include "base/hex.hpp"
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

// A version with what it consists of.
struct WholeVersionView : VersionView {
    std::vector<std::string> tags;
    std::vector<FileView> files;
};
BOOST_DESCRIBE_STRUCT(WholeVersionView, (VersionView), (tags, files))

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

namespace {

using db::Tx;

FileView view_of(const packages::File& file) {
    return {.name = file.name,
            .size_bytes = file.size_bytes,
            .sha256 = to_hex(file.sha256),
            .content_type = file.content_type,
            .digests = {file.digests},
            .created_at = file.created_at,
            .created_by = file.created_by};
}

Task<Listed<PackageView>> list_packages(Call& call, ListQuery<PackageFilters> query) {
    const InRepository in(call);
    auto list = [&](Tx& tx) { return packages::list_packages(tx, in.place(), query.request); };
    co_return co_await list_found<PackageView>(call, list);
}

Task<Shown<PackageView>> show_package(Call& call) {
    const PackageOfCall which(call);
    co_return co_await show_found<PackageView>(call, "package", which.name, which);
}

Task<Listed<VersionView>> list_versions(Call& call, ListQuery<VersionFilters> query) {
    const PackageOfCall which(call);
    auto list = [&](Tx& tx) { return packages::list_versions(tx, which.need(tx), query.request); };
    co_return co_await list_found<VersionView>(call, list);
}

Task<Shown<WholeVersionView>> show_version(Call& call) {
    const PackageOfCall which(call);
    const std::string name = call.request().parameter("version");
    auto find = [&](Tx& tx) {
        const packages::PackagePlace place = which.need(tx);
        const auto version = packages::find_version_by_key(
            tx, place, packages::fold_version_name(*which.repository->described, name));
        if (!version) db::refuse_absent("version", name);
        WholeVersionView view;
        static_cast<VersionView&>(view) = make_view<VersionView>(*version);
        view.tags = packages::list_tags_of(tx, place, version->id);
        for (const packages::File& file : packages::list_files(tx, {place, version->id}))
            view.files.push_back(view_of(file));
        return view;
    };
    Shown<WholeVersionView> shown{co_await call.read(find)};
    co_return shown;
}

Task<Listed<TagView>> list_tags(Call& call, ListQuery<TagFilters> query) {
    const PackageOfCall which(call);
    auto list = [&](Tx& tx) { return packages::list_tags(tx, which.need(tx), query.request); };
    co_return co_await list_found<TagView>(call, list);
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_packages>(get, "/api/v1/tenants/{tenant}/repositories/{repository}/packages",
                            of_repository("package:list"), "listPackages",
                            "Lists the packages of a repository."),
    endpoint<show_package>(get, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}",
                           of_repository("package:read", "package"), "showPackage", "Shows a package."),
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
