// Yanking, deprecating, deleting and restoring over HTTP, whatever the format.
#include "api/package_marks.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/package_place.hpp"
#include "identity/identity.hpp"
#include "packages/needing.hpp"
#include "packages/remove.hpp"

namespace lodestone::api {

struct Reason {
    std::optional<Text<limits::reason_bytes>> reason;
};
BOOST_DESCRIBE_STRUCT(Reason, (), (reason))

// What people are told who still use it.
struct Deprecation {
    Text<limits::reason_bytes> reason;
};
BOOST_DESCRIBE_STRUCT(Deprecation, (), (reason))

namespace {

using db::Tx;
using packages::Package;
using packages::Version;

packages::Removing removing(const InRepository& in, std::string reason) {
    return {.tenant = in.tenant, .repository = in.repository, .reason = std::move(reason)};
}

std::string text_of(const Reason& input) {
    return input.reason ? input.reason->value : std::string();
}

Package need_package(Tx& tx, const PackageOfCall& which) {
    auto package = which(tx);
    if (!package) db::refuse_absent("package", which.name);
    return *std::move(package);
}

// The version that the path names; If-Match is heeded when it is there.
Version need_version(Tx& tx, const Call& call, const PackageOfCall& which, const Package& package) {
    const std::string& name = call.request().parameter("version");
    auto version =
        packages::find_version_by_key(tx, {which.tenant, which.repository->id, package.id},
                                      packages::fold_version_name(*which.repository->described, name));
    return call.expectation().expect(std::move(version), "version", name);
}

using MarkVersion = Version (*)(Tx&, const packages::Removing&, const Package&, Version);

void check_is_needed_by_none(Tx& tx, const packages::PackagePlace& place, const Version& version) {
    if (const auto needing = packages::find_needing_version(tx, place, version.name_key))
        throw Problem(problems::conflict,
                      "The version " + *needing + " needs " + version.name + ": delete that first.");
}

template <MarkVersion mark>
Task<Acted<VersionView>> mark_version(Call& call, std::string reason) {
    const PackageOfCall which(call);
    auto run = [&](Tx& tx) {
        const Package package = need_package(tx, which);
        return make_view<VersionView>(
            mark(tx, removing(which, reason), package, need_version(tx, call, which, package)));
    };
    VersionView view = co_await call.write(run);
    co_return Acted<VersionView>{{std::move(view)}};
}

Task<Acted<VersionView>> yank_version(Call& call, OptionalBody<Reason> body) {
    co_return co_await mark_version<packages::yank_version>(call, text_of(body.input));
}

Task<Acted<VersionView>> unyank_version(Call& call) {
    co_return co_await mark_version<packages::unyank_version>(call, {});
}

Task<Acted<VersionView>> deprecate_version(Call& call, Deprecation input) {
    co_return co_await mark_version<packages::deprecate_version>(call, std::move(input.reason.value));
}

Task<Acted<VersionView>> undeprecate_version(Call& call) {
    co_return co_await mark_version<packages::deprecate_version>(call, {});
}

Task<Removed> delete_version(Call& call) {
    const PackageOfCall which(call);
    auto run = [&](Tx& tx) {
        const Package package = need_package(tx, which);
        const Version version = need_version(tx, call, which, package);
        check_is_needed_by_none(tx, {which.tenant, which.repository->id, package.id}, version);
        packages::delete_version(tx, removing(which, {}), package, version);
    };
    co_await call.write(run);
    co_return Removed{};
}

Task<Removed> delete_package(Call& call) {
    const PackageOfCall which(call);
    auto run = [&](Tx& tx) {
        packages::delete_package(tx, removing(which, {}),
                                 call.expectation().expect(which(tx), "package", which.name));
    };
    co_await call.write(run);
    co_return Removed{};
}

Task<Shown<VersionView>> restore_version(Call& call) {
    const PackageOfCall which(call);
    const auto id = call.id<VersionId>("version");
    auto run = [&](Tx& tx) {
        return make_view<VersionView>(
            packages::restore_version(tx, removing(which, {}), need_package(tx, which), id));
    };
    Shown<VersionView> shown{co_await call.write(run)};
    co_return shown;
}

Task<Shown<PackageView>> restore_package(Call& call) {
    const InRepository in(call);
    const auto id = call.id<PackageId>("package");
    // The path has an id only; what is restored has a name, which rules may be about.
    auto run = [&](Tx& tx) {
        const Package restored = packages::restore_package(tx, removing(in, {}), id);
        call.identity().gate.authorise_known(call.request(), "package:restore",
                                             in.resource_of(restored.name));
        return make_view<PackageView>(restored);
    };
    Shown<PackageView> shown{co_await call.write(run)};
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<delete_package>(del, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}",
                             of_repository("package:delete", "package"), "deletePackage",
                             "Deletes a package with its versions; it can be restored until it is purged."),
    endpoint<restore_package>(
        post, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package}/restore",
        of_repository("package:restore", "package"), "restorePackage",
        "Brings a deleted package back, by its id, with the versions that were deleted with it."),
    endpoint<delete_version>(
        del, "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/versions/{version+}",
        of_repository("package:delete", "package"), "deleteVersion",
        "Deletes a version; it can be restored until it is purged."),
    endpoint<restore_version>(
        post,
        "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/versions/{version}/restore",
        of_repository("package:restore", "package"), "restoreVersion",
        "Brings a deleted version back, by its id."),
    endpoint<yank_version>(
        post,
        "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/versions/{version+}/yank",
        of_repository("package:update", "package"), "yankVersion",
        "Offers a version to nobody; who asks for exactly this one still gets it."),
    endpoint<unyank_version>(
        post,
        "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/versions/{version+}/unyank",
        of_repository("package:update", "package"), "unyankVersion", "Offers a version again."),
    endpoint<deprecate_version>(post,
                                "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/"
                                "versions/{version+}/deprecate",
                                of_repository("package:update", "package"), "deprecateVersion",
                                "Says why nobody should begin to use a version."),
    endpoint<undeprecate_version>(post,
                                  "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/"
                                  "versions/{version+}/undeprecate",
                                  of_repository("package:update", "package"), "undeprecateVersion",
                                  "Takes that back."),
};

}  // namespace

std::span<const Endpoint> package_mark_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
