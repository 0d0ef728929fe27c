// Manifests: fetched by tag or digest, byte for byte as they were pushed, and deleted. Fetching one is a
// download of its version; layers are nobody's in particular, and not counted.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
#include "base/json_text.hpp"
#include "db/database.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/lookup.hpp"
#include "formats/oci/problems.hpp"
#include "identity/identity.hpp"
#include "packages/fetch.hpp"
#include "packages/needing.hpp"
#include "packages/package.hpp"
#include "packages/remove.hpp"
#include "packages/tagging.hpp"

namespace lodestone::formats::oci {

using db::Tx;
using http::Request;
using http::Response;

namespace {

[[noreturn]] void refuse_unknown(const Place& place, std::string_view reference) {
    throw Problem(manifest_unknown,
                  "There is no manifest " + std::string(reference) + " in " + place.name() + ".");
}

// Nothing can be there under what is neither a tag nor a digest.
Reference need_reference(const Request& request, const Place& place) {
    auto reference = parse_reference(request.parameter("reference"));
    if (!reference) refuse_unknown(place, request.parameter("reference"));
    return *std::move(reference);
}

// Who asks without wanting the bytes is about to push them, mostly, which brings them back; clients give up
// on anything but 404. By digest that is whoever asks; by tag those may be others, who are told what is
// wrong.
Task<> refuse_to_pusher(Context& context, const Request& request, const Place& place,
                        const Reference& reference) {
    if (request.method != http::Method::head) co_return;
    if (!reference.digest) {
        const identity::Resource resource = identity::resource_of(request, *request.principal);
        const identity::Decision decision =
            co_await context.identity->gate.judge(request.principal, "package:publish", resource, request);
        if (!decision.is_allowed) co_return;
    }
    refuse_unknown(place, reference.text);
}

void add_warnings(Response& response, const StoredManifest& manifest) {
    if (!manifest.deprecation.empty()) add_warning(response, "deprecated: " + manifest.deprecation);
    if (manifest.state == packages::VersionState::yanked)
        add_warning(response,
                    "yanked: " + (manifest.yank_reason.empty() ? "do not use it" : manifest.yank_reason));
}

Response describe_manifest(const StoredManifest& manifest, const Reference& reference) {
    Response response;
    response.etag = '"' + manifest.digest + '"';
    response.headers.set("Content-Type", manifest.content_type);
    response.headers.set("Docker-Content-Digest", manifest.digest);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Cache-Control",
                         reference.digest ? "private, max-age=86400, immutable" : "private, no-cache");
    add_warnings(response, manifest);
    return response;
}

void delete_tag(Tx& tx, const Place& place, const packages::Package& package, const Reference& reference) {
    if (!packages::remove_tag(tx, {place.tenant, *place.repository, package}, reference.text))
        refuse_unknown(place, reference.text);
}

void delete_version(Tx& tx, const Place& place, const packages::Package& package,
                    const Reference& reference) {
    const packages::PackagePlace in{place.tenant, place.repository->id, package.id};
    const auto version = packages::find_version_by_key(tx, in, reference.text);
    if (!version) refuse_unknown(place, reference.text);
    if (const auto needing = packages::find_needing_version(tx, in, version->name_key))
        throw Problem(manifest_needed, "The index " + *needing + " of " + place.name() +
                                           " names this manifest: delete that first.");
    packages::delete_version(tx, place.removing(), package, *version);
}

}  // namespace

Task<Response> fetch_manifest(Context& context, Request& request) {
    const Place place = place_of(request);
    const Reference reference = need_reference(request, place);
    auto find = [&](Tx& tx) { return find_manifest(tx, place, reference); };
    const auto manifest = co_await context.database->look_up(identity::make_unit(request), find);
    if (!manifest) refuse_unknown(place, reference.text);
    if (!manifest->is_readable()) co_await refuse_to_pusher(context, request, place, reference);
    packages::Fetched what{.tenant = place.tenant,
                           .repository = *place.repository,
                           .package = manifest->package_id,
                           .version = manifest->version_id,
                           .key = manifest->key(),
                           .size_bytes = manifest->size_bytes,
                           .name = manifest->digest};
    if (request.method == http::Method::head)
        what.refuse_lost = [&] { return refuse_to_pusher(context, request, place, reference); };
    Response response = describe_manifest(*manifest, reference);
    co_return co_await packages::send_fetched(context, request, what, std::move(response));
}

// By tag only the tag; by digest the manifest, with its tags.
Task<Response> delete_manifest(Context& context, Request& request) {
    const Place place = place_of(request);
    const Reference reference = need_reference(request, place);
    auto remove = [&](Tx& tx) {
        const auto package = packages::find_package_by_key(tx, place.in_repository(), place.image);
        if (!package) refuse_unknown(place, reference.text);
        if (reference.digest)
            delete_version(tx, place, *package, reference);
        else
            delete_tag(tx, place, *package, reference);
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty(202);
}

}  // namespace lodestone::formats::oci
