// What is fetched: files, the metadata of wheels (https://peps.python.org/pep-0658/), and who vouches for
// them.
#include <array>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "formats/pypi/entry.hpp"
#include "formats/pypi/handlers.hpp"
#include "formats/pypi/place.hpp"
#include "formats/pypi/problems.hpp"
#include "formats/pypi/version.hpp"
#include "http/message/negotiate.hpp"
#include "identity/identity.hpp"
#include "packages/file_answer.hpp"
#include "packages/remove.hpp"

namespace lodestone::formats::pypi {

using db::Tx;
using http::Request;
using http::Response;

namespace {

constexpr std::string_view metadata_ending = ".metadata";
constexpr std::string_view provenance_type = "application/vnd.pypi.integrity.v1+json";

packages::FileKey key_of(const Request& request) {
    return {.package = fold_project_name(request.parameter("project")),
            .version = fold_version_text(request.parameter("version")),
            .name = request.parameter("file")};
}

Problem no_such_file(std::string_view file) {
    return {problems::not_found, "There is no file " + std::string(file) + " here."};
}

// What a fragment of that kind says about the file; nothing: there is no such file, or it says nothing.
Task<std::optional<std::string>> find_text(Context& context, const Request& request, const Place& place,
                                           packages::FileKey key, std::string_view kind) {
    auto find_file = [&](Tx& tx) { return packages::find_fetched(tx, place.in_repository(), key); };
    const auto found = co_await context.database->look_up(identity::make_unit(request), find_file);
    if (!found) co_return std::nullopt;
    const packages::VersionPlace version{{place.tenant, place.repository->id, found->package_id},
                                         found->version_id};
    auto find = [&](Tx& tx) { return packages::find_fragment(tx, version, kind, key.name); };
    co_return co_await context.database->look_up(identity::make_unit(request), find);
}

// It changes when the file is replaced, and its digest is its entity tag.
Response describe(const Place& place, std::string text, std::string_view content_type) {
    const bool is_for_ever = place.repository->settings.overwrite == packages::Overwrite::never;
    Sha256Digest digest;
    digest.add(text);
    Response response = Response::text(200, std::move(text), content_type);
    response.etag = '"' + to_hex(digest.finish()) + '"';
    response.headers.set("Cache-Control", is_for_ever ? "private, max-age=600" : "private, no-cache");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
    return response;
}

Task<Response> fetch_metadata(Context& context, const Request& request, packages::FileKey key) {
    const Place place(request);
    const std::string asked = key.name;
    key.name.resize(key.name.size() - metadata_ending.size());
    auto text = co_await find_text(context, request, place, std::move(key), metadata_kind);
    if (!text) throw no_such_file(asked);
    co_return describe(place, *std::move(text), "application/octet-stream");
}

}  // namespace

Task<Response> fetch_file(Context& context, Request& request) {
    packages::FileKey key = key_of(request);
    if (key.name.ends_with(metadata_ending))
        co_return co_await fetch_metadata(context, request, std::move(key));
    const Place place(request);
    const packages::FileAnswer answer{
        .tenant = place.tenant, .repository = place.repository, .may_redirect = true};
    auto response = co_await packages::answer_with_file(context, request, answer, key);
    if (!response) throw no_such_file(key.name);
    co_return *std::move(response);
}

Task<Response> delete_file(Context& context, Request& request) {
    const Place place(request);
    const packages::FileKey key = key_of(request);
    auto remove = [&](Tx& tx) {
        const packages::Package package = packages::need_package(tx, place.in_repository(), key.package);
        const packages::Version version =
            packages::need_version(tx, {place.tenant, place.repository->id, package.id}, key.version);
        const packages::Removing removing{
            .tenant = place.tenant, .repository = place.repository, .reason = {}};
        if (!packages::delete_version_file(tx, removing, package, version, key.name))
            throw no_such_file(key.name);
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty();
}

// https://warehouse.pypa.io/api-reference/integrity.html
Task<Response> show_provenance(Context& context, Request& request) {
    static constexpr std::array<std::string_view, 2> types{provenance_type, "application/json"};
    if (!http::negotiate_media_type(request.header("Accept"), types))
        throw Problem(not_acceptable,
                      "Provenance is " + std::string(provenance_type) + ": ask for it in the header Accept.");
    const Place place(request);
    const packages::FileKey key = key_of(request);
    auto text = co_await find_text(context, request, place, key, provenance_kind);
    if (!text) throw Problem(problems::not_found, "There is no provenance of " + key.name + " here.");
    Response response = describe(place, *std::move(text), provenance_type);
    response.headers.set("Vary", "Accept");
    co_return response;
}

}  // namespace lodestone::formats::pypi
