// Blobs: fetched whole or in part, looked for, deleted.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-blobs
#include <fmt/format.h>

#include "base/blob_limits.hpp"
#include "blobs/lease.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/redirect.hpp"
#include "db/database.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/image_blobs.hpp"
#include "formats/oci/problems.hpp"
#include "identity/identity.hpp"
#include "packages/package.hpp"
#include "packages/shown_blob.hpp"

namespace lodestone::formats::oci {

using db::Tx;
using http::Request;
using http::Response;

namespace {

[[noreturn]] void refuse_unknown(const Place& place, const ContentDigest& digest) {
    throw Problem(blob_unknown,
                  "There is no blob " + render_content_digest(digest) + " in " + place.name() + ".");
}

// Who pulls is told when it is quarantined. Who only asks is about to push it, mostly, which heals it.
Task<Response> refuse_absent(Context& context, const Request& request, const Place& place,
                             const ContentDigest& digest) {
    auto find = [&](Tx& tx) { return is_quarantined(tx, place, digest); };
    if (request.method != http::Method::head &&
        co_await context.database->read(identity::make_unit(request), find))
        blobs::refuse_quarantined("The blob " + render_content_digest(digest));
    refuse_unknown(place, digest);
}

// The store has not what the row says. If that was damage, it is quarantined by now; and if it is gone, too,
// before who only asks hears of it: clients that push send what is answered 404, and give up on all else.
Task<Response> refuse_unread(Context& context, const Request& request, const Place& place,
                             const ImageBlob& blob, const ContentDigest& digest) {
    if (request.method == http::Method::head && co_await place.repository->blobs->is_lost(blob.key()))
        refuse_unknown(place, digest);
    auto find = [&](Tx& tx) {
        return blobs::find_quarantined_blob(tx, digest.kind, digest.bytes).has_value();
    };
    const bool is_damaged = co_await context.database->read(identity::make_unit(request), find);
    if (is_damaged) blobs::refuse_quarantined("The blob " + render_content_digest(digest));
    throw Problem(problems::unavailable,
                  "The bytes of " + render_content_digest(digest) + " cannot be read at the moment.");
}

bool is_soon_over(const ImageBlob& blob, Time now) {
    return !blob.leased_until || *blob.leased_until < now + limits::blob_lease / 2;
}

// Who pushes asks whether a blob is there, and does not send it when it is: so that is a promise, too.
// Whoever only pulls is promised nothing.
Task<> promise_to_pusher(Context& context, const Request& request, const Place& place, const ImageBlob& blob,
                         const ContentDigest& digest) {
    if (!is_soon_over(blob, context.clock.now())) co_return;
    const identity::Resource resource = identity::resource_of(request, *request.principal);
    const identity::Decision decision =
        co_await context.identity->gate.judge(request.principal, "package:publish", resource, request);
    if (!decision.is_allowed) co_return;
    auto lease = [&](Tx& tx) {
        return blobs::lease_blob(tx, place.tenant, place.lease_scope(), blob.id,
                                 tx.now() + limits::blob_lease);
    };
    if (!co_await context.database->write(identity::make_unit(request), lease)) refuse_unknown(place, digest);
}

Response describe_blob(const ContentDigest& digest) {
    const std::string text = render_content_digest(digest);
    Response response;
    response.etag = '"' + text + '"';
    response.headers.set("Content-Type", "application/octet-stream");
    response.headers.set("Docker-Content-Digest", text);
    response.headers.set("Cache-Control", "private, max-age=86400, immutable");
    // What somebody uploaded is nothing to be run on our own address.
    response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
    response.headers.set("X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace

Task<Response> fetch_blob(Context& context, Request& request) {
    const Place place = place_of(request);
    const ContentDigest digest = need_digest(request.parameter("digest"));
    const auto blob = co_await look_for_blob(context, request, place, digest);
    if (!blob) co_return co_await refuse_absent(context, request, place, digest);
    if (request.method == http::Method::head)
        co_await promise_to_pusher(context, request, place, *blob, digest);
    blobs::Blobs& blobs = *place.repository->blobs;
    std::optional<Response> elsewhere;
    if (blobs.gives_links(blob->size_bytes))
        elsewhere = co_await blobs::try_redirect(blobs, request, blob->key(), blob->size_bytes);
    if (elsewhere) {
        elsewhere->headers.set("Docker-Content-Digest", render_content_digest(digest));
        co_return *std::move(elsewhere);
    }
    auto body = co_await blobs.open(blob->key(), blob->size_bytes, blobs::extent_of(request));
    if (!body) co_return co_await refuse_unread(context, request, place, *blob, digest);
    Response response = describe_blob(digest);
    response.body = *std::move(body);
    co_return response;
}

// What was promised and nothing names can be given up; what a manifest names stays with it.
Task<Response> delete_blob(Context& context, Request& request) {
    const Place place = place_of(request);
    const ContentDigest digest = need_digest(request.parameter("digest"));
    auto remove = [&](Tx& tx) {
        const auto blob = find_image_blob(tx, place, digest);
        if (!blob) refuse_unknown(place, digest);
        const auto package = packages::find_package_by_key(tx, place.in_repository(), place.image);
        const packages::ShownIn shown{
            .repository = place.repository->number, .package = package ? package->number : 0, .version = 0};
        if (package && packages::is_shown(tx, place.tenant, shown, blob->id))
            throw Problem(blob_needed, "Manifests of " + place.name() +
                                           " name this blob: delete these, and it goes with them.");
        blobs::release_lease(tx, place.tenant, place.lease_scope(), blob->id);
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty(202);
}

}  // namespace lodestone::formats::oci
