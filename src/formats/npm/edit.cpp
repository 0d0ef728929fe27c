// Changing what is published: marks of deprecation, and taking versions back. Clients read the whole document
// (?write=true), change it, and send it back with the revision that it had; what of it differs from what is
// there is what they want.
#include "formats/npm/edit.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <iterator>

#include "base/limits.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/notice.hpp"
#include "formats/npm/packument.hpp"
#include "formats/npm/version.hpp"
#include "identity/identity.hpp"
#include "packages/incoming.hpp"
#include "packages/needing.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

void check_revision(Tx& tx, const packages::PackagePlace& place, std::string_view name,
                    std::string_view revision) {
    if (find_revision(tx, place) != revision)
        throw Problem(problems::conflict,
                      "Somebody has changed " + std::string(name) + " meanwhile: try it again.");
}

std::vector<packages::Version> list_all_versions(Tx& tx, const packages::PackagePlace& place) {
    std::vector<packages::Version> versions;
    db::ListRequest request{
        .filters = {}, .sort = "published_at", .limit = limits::page_rows_most, .cursor = {}};
    do {
        auto page = packages::list_versions(tx, place, request);
        std::ranges::move(page.items, std::back_inserter(versions));
        request.cursor = std::move(page.next);
    } while (!request.cursor.empty());
    return versions;
}

void check_subject(const PackageDocument& document, const Place& place) {
    if (!document.name.empty() && document.name != place.name)
        throw Problem(problems::invalid_input, "The document describes the package " + document.name +
                                                   ", and was sent to the address of " + place.name + ".");
}

// What the document says of it; nothing: that it is fine. Clients of old wrote false for that.
std::string deprecation_in(const boost::json::object& manifest, std::string_view version) {
    const boost::json::value* found = manifest.if_contains("deprecated");
    if (found == nullptr || found->is_null() || (found->is_bool() && !found->get_bool())) return {};
    if (found->is_bool()) return "This version is deprecated.";
    if (!found->is_string() || found->get_string().size() > limits::reason_bytes)
        throw Problem(problems::invalid_input,
                      "Version " + std::string(version) + " is deprecated by a text of 512 bytes at most.");
    return std::string(found->get_string());
}
static_assert(limits::reason_bytes == 512, "the sentence above says so");

// A document that does not say which revision it was made from may be an old one, or made by hand: what it
// does not speak of stays. What clients are told of a yanked version stands in the same member, and is not a
// deprecation.
void deprecate(Tx& tx, const Place& place, const packages::Package& package,
               const PackageDocument& document) {
    for (packages::Version& version : list_all_versions(tx, place.in_package(package))) {
        const boost::json::value* said = document.versions.if_contains(version.name);
        if (said == nullptr || version.state == packages::VersionState::yanked) continue;
        if (!document.revision && !said->get_object().contains("deprecated")) continue;
        const std::string deprecation = deprecation_in(said->get_object(), version.name);
        packages::deprecate_version(tx, place.removing(deprecation), package, std::move(version));
    }
}

void delete_one(Tx& tx, const Place& place, const packages::Package& package,
                const packages::Version& version) {
    if (const auto needing = packages::find_needing_version(tx, place.in_package(package), version.name_key))
        throw Problem(problems::conflict,
                      "The version " + *needing + " needs " + version.name + ": delete that first.");
    packages::delete_version(tx, place.removing(), package, version);
}

// The versions that the document has no more, and the tags as it has them. False: it has all of them.
bool take_back(Tx& tx, const Place& place, const packages::Package& package,
               const PackageDocument& document) {
    bool is_any_deleted = false;
    for (packages::Version& version : list_all_versions(tx, place.in_package(package))) {
        if (document.versions.contains(version.name)) continue;
        is_any_deleted = true;
        delete_one(tx, place, package, version);
    }
    if (!is_any_deleted) return false;
    for (const auto& [tag, name] : document.tags) {
        if (!is_tag_name(tag)) continue;
        const auto version = packages::find_version_by_key(tx, place.in_package(package), fold_version(name));
        if (version) packages::set_tag(tx, place.tagged(package), *version, tag, [](std::string_view) {});
    }
    return true;
}

}  // namespace

Task<Response> deprecate_versions(Context& context, const Request& request, const Place& place,
                                  const PackageDocument& document) {
    check_subject(document, place);
    auto change = [&](Tx& tx) {
        const packages::Package package = packages::need_package(tx, place.in_repository(), place.name);
        packages::ask_gate(context, request)("package:update");
        if (document.revision) check_revision(tx, place.in_package(package), place.name, *document.revision);
        deprecate(tx, place, package, document);
    };
    co_await context.database->write(identity::make_unit(request), change);
    co_return answer_ok(200);
}

// `npm unpublish` of one version, whose tarball goes with it; and `npm owner`, which sends maintainers alone.
Task<Response> put_revision(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::string& revision = request.parameter("revision");
    const std::string body = co_await http::read_all(*request.body, limits::npm_edit_bytes);
    const PackageDocument document = parse_package_document(body);
    check_subject(document, place);
    if (!document.has_versions)
        throw Problem(problems::forbidden,
                      "Who may publish a package is said by roles here, not by its list of maintainers: give "
                      "somebody a role in the repository's app.");
    auto change = [&](Tx& tx) {
        const packages::Package package = packages::need_package(tx, place.in_repository(), place.name);
        check_revision(tx, place.in_package(package), place.name, revision);
        return take_back(tx, place, package, document);
    };
    const bool is_any_deleted = co_await context.database->write(identity::make_unit(request), change);
    Response response = answer_ok(200);
    if (is_any_deleted) notice_return(response);
    co_return response;
}

Task<Response> delete_package(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::string& revision = request.parameter("revision");
    auto remove = [&](Tx& tx) {
        packages::Package package = packages::need_package(tx, place.in_repository(), place.name);
        check_revision(tx, place.in_package(package), place.name, revision);
        packages::delete_package(tx, place.removing(), std::move(package));
    };
    co_await context.database->write(identity::make_unit(request), remove);
    Response response = answer_ok(200);
    notice_return(response);
    co_return response;
}

// The second step of `npm unpublish`: the version is gone with its tarball by then. Of one that is there
// still its tarball is not taken away.
Task<Response> delete_tarball(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::string& file = request.parameter("file");
    const auto version = version_of_file(place.name, file);
    auto look = [&](Tx& tx) {
        const packages::Package package = packages::need_package(tx, place.in_repository(), place.name);
        return version &&
               packages::find_version_by_key(tx, place.in_package(package), fold_version(*version));
    };
    if (co_await context.database->read(identity::make_unit(request), look))
        throw Problem(problems::conflict,
                      "The tarball " + file + " belongs to a version that is there: unpublish the version.");
    co_return answer_ok(200);
}

}  // namespace lodestone::formats::npm
