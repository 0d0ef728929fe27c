// Uploads: whole blobs in one request, or in as many as the client likes, streamed or in chunks; and blobs
// that another image has already.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
#include <fmt/format.h>

#include <memory>

#include "base/image_limits.hpp"
#include "blobs/stored_bytes.hpp"
#include "blobs/upload_session.hpp"
#include "db/database.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/image_blobs.hpp"
#include "formats/oci/part_source.hpp"
#include "formats/oci/problems.hpp"
#include "identity/gate/refusals.hpp"
#include "identity/identity.hpp"
#include "packages/incoming.hpp"

namespace lodestone::formats::oci {

using blobs::Upload;
using blobs::UploadId;
using db::Tx;
using http::Request;
using http::Response;

namespace {

std::string upload_url(const Place& place, const UploadId& id) {
    return place.url("blobs/uploads/" + id.text());
}

// The last byte that is there, as a range; of an empty upload it is the first, too.
std::string render_progress(std::int64_t size_bytes) {
    return fmt::format("0-{}", size_bytes == 0 ? 0 : size_bytes - 1);
}

Response describe_upload(int status, const Place& place, const Upload& upload) {
    Response response = Response::empty(status);
    response.headers.set("Location", upload_url(place, upload.id));
    response.headers.set("Range", render_progress(upload.size_bytes));
    response.headers.set("Docker-Upload-UUID", upload.id.text());
    return response;
}

UploadId upload_of(const Request& request) {
    return UploadId::trusted(request.parameter("upload"));
}

Task<Upload> need_upload(Context& context, const Request& request, const Place& place) {
    const UploadId id = upload_of(request);
    const std::string scope = place.lease_scope();
    auto find = [&](Tx& tx) { return blobs::find_upload(tx, place.tenant, scope, id); };
    auto upload = co_await context.database->look_up(identity::make_unit(request), find);
    if (!upload)
        throw Problem(upload_unknown, "There is no such upload to " + place.name() + ": begin another one.");
    co_return *std::move(upload);
}

// Where the client says that its bytes belong, which is where the upload has come to; nothing when it says
// nothing, as those do that stream.
std::optional<Chunk> chunk_of(const Request& request, const Place& place, const Upload& upload) {
    const auto written = request.header("content-range");
    if (!written) return std::nullopt;
    const auto chunk = parse_chunk(*written);
    if (!chunk)
        throw Problem(upload_invalid, "Content-Range is the first and the last byte of the chunk: 0-1023.");
    if (chunk->first != static_cast<std::uint64_t>(upload.size_bytes))
        throw Problem(upload_out_of_order,
                      fmt::format("The upload has {} bytes so far; go on from there.", upload.size_bytes))
            .with_header("Location", upload_url(place, upload.id))
            .with_header("Range", render_progress(upload.size_bytes))
            .with_header("Docker-Upload-UUID", upload.id.text());
    const auto length = request.body->length();
    if (length && *length != chunk->size_bytes())
        throw Problem(size_invalid, fmt::format("Content-Range says {} bytes, and Content-Length {}.",
                                                chunk->size_bytes(), *length));
    return chunk;
}

std::optional<std::uint64_t> size_of(const std::optional<Chunk>& chunk) {
    return chunk ? std::optional(chunk->size_bytes()) : std::nullopt;
}

std::vector<DigestKind> kinds_asked_for(const Request& request) {
    const std::string_view algorithm = request.query.find("digest-algorithm").value_or("sha256");
    if (algorithm == "sha256") return {};
    if (algorithm == "sha512") return {DigestKind::sha512};
    throw Problem(digest_invalid, "Of digest algorithms, sha256 and sha512 are taken.");
}

// A token that was got without a thought of the source may be all that is missing: who hears 401 gets another
// one. Where that would be no better, the client sends the bytes.
Task<> refuse_narrow_token(Context& context, const Request& request, const identity::Resource& source,
                           const identity::Decision& decision) {
    if (decision.rule != identity::rules::ticket_scope) co_return;
    auto owner = std::make_shared<identity::Principal>(*request.principal);
    owner->ticket_scopes.reset();
    const identity::Decision whole =
        co_await context.identity->gate.judge(std::move(owner), "package:download", source, request);
    if (whole.is_allowed) throw identity::refusal(decision, *request.principal);
}

// Another image's blob, where whoever asks may pull from that one.
Task<bool> try_mount(Context& context, const Request& request, const Place& place,
                     const ContentDigest& digest, std::string_view from) {
    const auto name = parse_full_name(from);
    if (!name) co_return false;
    identity::Gate& gate = context.identity->gate;
    const auto found = co_await gate.find_repository(name->tenant, name->repository, request.deadline);
    if (!found || found->format != place.repository->format) co_return false;
    identity::Resource resource;
    resource.tenant = name->tenant;
    resource.type = "package";
    resource.id = name->image;
    identity::place_in_repository(resource, found.get(), name->repository);
    const identity::Decision decision =
        co_await gate.judge(request.principal, "package:download", resource, request);
    if (!decision.is_allowed) co_await refuse_narrow_token(context, request, resource, decision);
    if (!decision.is_allowed) co_return false;
    const Place source{.tenant = name->tenant,
                       .repository = std::static_pointer_cast<const packages::RepositoryEntry>(found),
                       .image = name->image};
    auto mount = [&](Tx& tx) {
        const auto blob = find_image_blob(tx, source, digest);
        if (blob) promise_blob(tx, place, blob->id);
        return blob.has_value();
    };
    co_return co_await context.database->write(identity::make_unit(request), mount);
}

// Of bytes that came before it was known that their digest is to be a sha512. They are stored already, and
// hashed once more as they are; whether they are what was promised is known only then.
Task<> check_stored(const Request& request, const Place& place, const ContentDigest& digest,
                    const blobs::Blob& sent) {
    blobs::Blobs& blobs = *place.repository->blobs;
    auto body = co_await blobs.open(sent.key(), sent.size_bytes);
    if (!body) throw Problem(problems::unavailable, "What was sent cannot be read; send it again.");
    const auto stored = blobs::stream_stored(*std::move(body));
    auto draft = co_await blobs.begin(kinds_for(digest));
    co_await draft->append(*stored, limits::image_blob_bytes);
    check_digest(draft->digests(), digest);
    auto note = [&](Tx& tx, blobs::BlobId id) { promise_blob(tx, place, id); };
    co_await blobs.enter(packages::unit_behind_body(request), *draft, note);
}

}  // namespace

Task<Response> begin_upload(Context& context, Request& request) {
    const Place place = place_of(request);
    if (const auto mount = request.query.find("mount")) {
        const ContentDigest digest = need_digest(*mount);
        const bool is_mounted =
            co_await try_mount(context, request, place, digest, request.query.find("from").value_or(""));
        if (is_mounted) co_return created_blob(place, digest);
    } else if (const auto whole = request.query.find("digest")) {
        const ContentDigest digest = need_digest(*whole);
        co_await store_body(context, request, place, digest);
        co_return created_blob(place, digest);
    }
    const Upload upload = co_await blobs::begin_upload(*place.repository->blobs, identity::make_unit(request),
                                                       place.for_uploads(), kinds_asked_for(request));
    co_return describe_upload(202, place, upload);
}

// A body of any length is noted part by part: what is lost when the connection breaks is the last one.
Task<Response> append_upload(Context& context, Request& request) {
    const Place place = place_of(request);
    Upload upload = co_await need_upload(context, request, place);
    const std::optional<Chunk> chunk = chunk_of(request, place, upload);
    co_await packages::check_room(context, request, place.tenant, *place.repository);
    PartSource parts(*request.body, size_of(chunk));
    for (bool is_first = true; parts.begin_part(limits::upload_note_bytes); is_first = false) {
        // Of what does not say how much it is, each part counts once it has come.
        if (!is_first && !request.body->length())
            co_await packages::check_room(context, request, place.tenant, *place.repository);
        const blobs::UploadPart part{.bytes = &parts,
                                     .offset = static_cast<std::uint64_t>(upload.size_bytes),
                                     .limit_bytes = limits::image_blob_bytes};
        upload = co_await blobs::append_upload(*place.repository->blobs, packages::unit_behind_body(request),
                                               place.for_uploads(), upload.id, part);
        co_await packages::begin_anew(context, request);
    }
    co_return describe_upload(202, place, upload);
}

Task<Response> finish_upload(Context& context, Request& request) {
    const Place place = place_of(request);
    const ContentDigest digest = need_digest(request.query.find("digest").value_or(""));
    const Upload upload = co_await need_upload(context, request, place);
    const std::optional<Chunk> chunk = chunk_of(request, place, upload);
    blobs::Blobs& blobs = *place.repository->blobs;
    // As most clients send what is small: nothing before, and now all of it.
    if (upload.size_bytes == 0 && has_small_body(request)) {
        co_await packages::check_room(context, request, place.tenant, *place.repository);
        blobs::WholeUpload whole = co_await take_small_body(context, request, digest);
        const auto note = [&](Tx& tx, blobs::BlobId id) { promise_blob(tx, place, id); };
        co_await blobs::finish_at_once(blobs, packages::unit_behind_body(request), place.for_uploads(),
                                       upload, std::move(whole), note);
        co_return created_blob(place, digest);
    }
    // Which digest it will be is known only now; as long as nothing came, that is early enough, and spares
    // the second look.
    if (digest.kind != DigestKind::sha256 && upload.size_bytes == 0) {
        co_await store_body(context, request, place, digest);
        co_await blobs::cancel_upload(blobs, packages::unit_behind_body(request), place.for_uploads(),
                                      upload.id);
        co_return created_blob(place, digest);
    }
    co_await packages::check_room(context, request, place.tenant, *place.repository);
    PartSource rest(*request.body, size_of(chunk));
    rest.begin_part(limits::image_blob_bytes);
    const blobs::UploadPart last{.bytes = &rest,
                                 .offset = static_cast<std::uint64_t>(upload.size_bytes),
                                 .limit_bytes = limits::image_blob_bytes};
    std::optional<blobs::Blob> sent;
    bool is_checked = true;
    const blobs::UploadEnd end{.admit = [&] { return packages::begin_anew(context, request); },
                               .check =
                                   [&](const blobs::Digests& came, std::uint64_t) {
                                       is_checked =
                                           digest.kind == DigestKind::sha256 || came.find(digest.kind);
                                       if (is_checked) check_digest(came, digest);
                                   },
                               .note =
                                   [&](Tx& tx, blobs::BlobId id) {
                                       if (is_checked)
                                           promise_blob(tx, place, id);
                                       else
                                           sent = blobs::find_blob(tx, id);
                                   }};
    co_await blobs::finish_upload(blobs, packages::unit_behind_body(request), place.for_uploads(), upload.id,
                                  last, end);
    if (sent) co_await check_stored(request, place, digest, *sent);
    co_return created_blob(place, digest);
}

Task<Response> show_upload(Context& context, Request& request) {
    const Place place = place_of(request);
    const Upload upload = co_await need_upload(context, request, place);
    co_return describe_upload(204, place, upload);
}

Task<Response> cancel_upload(Context& context, Request& request) {
    const Place place = place_of(request);
    const Upload upload = co_await need_upload(context, request, place);
    co_await blobs::cancel_upload(*place.repository->blobs, identity::make_unit(request), place.for_uploads(),
                                  upload.id);
    co_return Response::empty();
}

}  // namespace lodestone::formats::oci
