// Reading: documents, whole and abbreviated, single versions, and tarballs.
// https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
#include <array>

#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/packument.hpp"
#include "formats/npm/place.hpp"
#include "formats/npm/version.hpp"
#include "http/message/negotiate.hpp"
#include "http/server/base_address.hpp"
#include "identity/identity.hpp"
#include "packages/file_answer.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

[[noreturn]] void refuse_unknown(const Place& place) {
    throw Problem(problems::not_found, "There is no package " + place.name + " here.");
}

const packages::IndexKind& choose_document(const Request& request) {
    static constexpr std::array<std::string_view, 2> available{"application/json", brief_type};
    const auto chosen = http::negotiate_media_type(request.headers->joined("Accept"), available);
    return chosen == 1 ? brief_packument : full_packument;
}

packages::IndexSubject subject_of(const Request& request, const Place& place) {
    return {.tenant = place.tenant,
            .repository = place.repository,
            .package_key = place.name,
            .base = http::base_address(request)};
}

Response answer_uncached(std::string body) {
    Response response = Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "private, no-store");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return response;
}

// Who is about to change what is there reads it from the rows, with the revision that it has now.
Task<Response> fetch_to_write(Context& context, const Request& request, const Place& place) {
    const packages::IndexSubject subject = subject_of(request, place);
    auto render = [&](Tx& tx) { return full_packument.render(tx, subject); };
    auto text = co_await context.database->read(identity::make_unit(request), render);
    if (!text) refuse_unknown(place);
    co_return answer_uncached(*std::move(text));
}

// Anybody else has no use for a document that is rendered for them alone.
Task<bool> may_change(Context& context, const Request& request, const Place& place) {
    const identity::Resource resource = resource_of(place);
    for (const std::string_view permission : {"package:publish", "package:update", "package:delete"}) {
        const identity::Decision decision =
            co_await context.identity->gate.judge(request.principal, permission, resource, request);
        if (decision.is_allowed) co_return true;
    }
    co_return false;
}

}  // namespace

Task<Response> fetch_packument(Context& context, Request& request) {
    const Place place = place_of(request);
    if (request.query.find("write") == "true" && co_await may_change(context, request, place))
        co_return co_await fetch_to_write(context, request, place);
    const packages::IndexRequest wanted{.kind = choose_document(request),
                                        .package_key = place.name,
                                        .base = http::base_address(request),
                                        .vary = "Accept"};
    auto response = co_await packages::answer_with_index(context, request, wanted);
    if (!response) refuse_unknown(place);
    co_return *std::move(response);
}

Task<Response> fetch_version(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::string& asked = request.parameter("version");
    const packages::IndexSubject subject = subject_of(request, place);
    auto render = [&](Tx& tx) { return render_version_document(tx, subject, asked); };
    auto text = co_await context.database->read(identity::make_unit(request), render);
    if (!text)
        throw Problem(problems::not_found, "There is no version or tag " + asked + " of " + place.name + ".");
    co_return answer_uncached(*std::move(text));
}

// By its canonical name; older clients ask with the scope in it.
Task<Response> fetch_tarball(Context& context, Request& request) {
    const Place place = place_of(request);
    const std::string& file = request.parameter("file");
    const auto version = version_of_file(place.name, file);
    if (!version)
        throw Problem(problems::not_found, "There is no tarball " + file + " of " + place.name + ".");
    const std::string key = fold_version(*version);
    const packages::FileAnswer answer{
        .tenant = place.tenant, .repository = place.repository, .may_redirect = true};
    const packages::FileKey wanted{
        .package = place.name, .version = key, .name = tarball_name(place.name, key)};
    auto response = co_await packages::answer_with_file(context, request, answer, wanted);
    if (!response)
        throw Problem(problems::not_found, "There is no tarball " + file + " of " + place.name + ".");
    co_return *std::move(response);
}

}  // namespace lodestone::formats::npm
