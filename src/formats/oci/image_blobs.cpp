// Whoever is told that a blob is there was promised it before.
#include "formats/oci/image_blobs.hpp"

#include "base/blob_limits.hpp"
#include "base/image_limits.hpp"
#include "blobs/lease.hpp"
#include "db/database.hpp"
#include "formats/oci/problems.hpp"
#include "identity/identity.hpp"
#include "packages/incoming.hpp"

namespace lodestone::formats::oci {

using db::Tx;

Task<std::optional<ImageBlob>> look_for_blob(Context& context, const http::Request& request,
                                             const Place& place, const ContentDigest& digest) {
    db::Unit unit = identity::make_unit(request);
    if (digest.kind == DigestKind::sha256) {
        auto find = [&](Tx& tx) { return find_image_blob(tx, place, digest.sha256()); };
        co_return co_await context.database->look_up(std::move(unit), find);
    }
    auto find = [&](Tx& tx) { return find_image_blob(tx, place, digest); };
    co_return co_await context.database->read(std::move(unit), find);
}

void promise_blob(Tx& tx, const Place& place, blobs::BlobId id) {
    if (!blobs::lease_blob(tx, place.tenant, place.lease_scope(), id, tx.now() + limits::blob_lease))
        throw Problem(problems::unavailable, "The blob has just been removed; send it again.");
}

std::vector<DigestKind> kinds_for(const ContentDigest& digest) {
    if (digest.kind == DigestKind::sha256) return {};
    return {digest.kind};
}

void check_digest(const blobs::Digests& came, const ContentDigest& promised) {
    if (promised.kind == DigestKind::sha256) {
        if (came.sha256 == promised.sha256()) return;
        throw Problem(digest_invalid, "What was sent has the digest " + render_sha256_digest(came.sha256) +
                                          ", not " + render_content_digest(promised) + "; send it again.");
    }
    const auto other = came.find(promised.kind);
    if (!other) throw Problem(digest_invalid, "Of digests, sha256 and sha512 are taken.");
    if (*other != promised.bytes)
        throw Problem(digest_invalid, "What was sent has not the digest " + render_content_digest(promised) +
                                          "; send it again.");
}

bool has_small_body(const http::Request& request) {
    const auto length = request.body->length();
    return length && *length <= limits::small_blob_bytes;
}

// Hashed on the loop: that takes less than to have it done elsewhere.
Task<blobs::WholeUpload> take_small_body(Context& context, http::Request& request,
                                         const ContentDigest& promised) {
    blobs::WholeUpload whole;
    whole.bytes.reserve(request.body->length().value_or(0));
    for (auto piece = co_await request.body->next(); !piece.empty(); piece = co_await request.body->next())
        whole.bytes.append(piece);
    co_await packages::begin_anew(context, request);
    blobs::RunningDigests running(kinds_for(promised));
    running.add(whole.bytes);
    whole.digests = running.digests();
    check_digest(whole.digests, promised);
    co_return whole;
}

Task<> store_body(Context& context, http::Request& request, const Place& place,
                  const ContentDigest& promised) {
    co_await packages::check_room(context, request, place.tenant, *place.repository);
    blobs::Blobs& blobs = *place.repository->blobs;
    auto note = [&](Tx& tx, blobs::BlobId id) { promise_blob(tx, place, id); };
    if (has_small_body(request)) {
        blobs::WholeUpload whole = co_await take_small_body(context, request, promised);
        co_await blobs.enter_small(packages::unit_behind_body(request), std::move(whole.bytes),
                                   std::move(whole.digests), note);
        co_return;
    }
    auto draft = co_await blobs.begin(kinds_for(promised));
    co_await draft->append(*request.body, limits::image_blob_bytes);
    co_await packages::begin_anew(context, request);
    check_digest(draft->digests(), promised);
    co_await blobs.enter(packages::unit_behind_body(request), *draft, note);
}

http::Response created_blob(const Place& place, const ContentDigest& digest) {
    const std::string text = render_content_digest(digest);
    http::Response response = http::Response::empty(201);
    response.headers.set("Location", place.url("blobs/" + text));
    response.headers.set("Docker-Content-Digest", text);
    return response;
}

}  // namespace lodestone::formats::oci
