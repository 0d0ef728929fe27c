// Publishing: one version with its tarball, which comes in base64 within a document and is taken out of it
// while it comes. Document, address and tarball have to agree before anything is stored.
// https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
#include <utility>

#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "blobs/blobs.hpp"
#include "db/database.hpp"
#include "formats/npm/digests.hpp"
#include "formats/npm/edit.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/notice.hpp"
#include "formats/npm/packument.hpp"
#include "formats/npm/publish.hpp"
#include "formats/npm/signing.hpp"
#include "formats/npm/tarball.hpp"
#include "formats/npm/tarball_source.hpp"
#include "identity/identity.hpp"
#include "packages/archive/inspection.hpp"
#include "packages/archive/spool.hpp"
#include "packages/incoming.hpp"
#include "packages/publish.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;
using packages::Spool;

namespace {

constexpr std::string_view tarball_type = "application/octet-stream";

void check_announced(const PublishedVersion& published, const Spool& spool, const TarballFacts& facts,
                     const blobs::Digests& digests) {
    const std::string which = "The tarball of " + published.name + " " + published.version;
    if (published.size_bytes && *published.size_bytes != spool.size_bytes())
        throw Problem(problems::invalid_input,
                      which + " is not as long as the document says: publish it again.");
    if (!is_integrity_of(published.integrity, digests))
        throw Problem(problems::invalid_input, which +
                                                   " is not the one that the document describes: its "
                                                   "integrity is " +
                                                   facts.integrity + ".");
    if (!published.shasum.empty() && published.shasum != facts.shasum)
        throw Problem(
            problems::invalid_input,
            which + " is not the one that the document describes: its shasum is " + facts.shasum + ".");
}

packages::IncomingFile describe_incoming(const Place& place, const PublishedVersion& published,
                                         const Sha256& sha256) {
    return {.tenant = place.tenant,
            .repository = place.repository,
            .key = {.package = place.name,
                    .version = published.version,
                    .name = tarball_name(place.name, published.version)},
            .sha256 = sha256};
}

std::vector<packages::Fragment> make_fragments(const PublishedVersion& published, RenderedManifests manifests,
                                               std::string readme) {
    std::vector<packages::Fragment> fragments;
    if (!readme.empty())
        fragments.push_back({.kind = std::string(readme_fragment),
                             .name = {},
                             .body = std::move(readme),
                             .is_joined = false});
    fragments.push_back({.kind = std::string(full_fragment), .name = {}, .body = std::move(manifests.full)});
    fragments.push_back(
        {.kind = std::string(brief_fragment), .name = {}, .body = std::move(manifests.brief)});
    if (published.bundle.empty()) return fragments;
    fragments.push_back(
        {.kind = std::string(attestation_fragment), .name = {}, .body = published.bundle_type});
    fragments.push_back({.kind = std::string(bundle_fragment), .name = {}, .body = published.bundle});
    return fragments;
}

// What takes its time: done on a thread of its own.
struct Checked {
    TarballFacts facts;
    RenderedManifests manifests;
    std::string readme;
};
Checked check(const Arrived& arrived, const packages::Inspection& inspection,
              const identity::SigningKeys& keys) {
    const auto& [published, spool, digests] = arrived;
    const auto read = inspection.limit([&arrived](std::uint64_t offset, std::span<std::byte> into) {
        return arrived.spool.read_at(offset, into);
    });
    TarballFacts facts = check_tarball(read, spool.size_bytes(), published.name, published.version);
    facts.integrity = render_integrity(digests);
    facts.shasum = render_shasum(digests);
    check_announced(published, spool, facts, digests);
    const identity::SigningKey& key = find_signing_key(keys);
    facts.signature = sign_version(key, published.name, published.version, facts.integrity);
    facts.signing_key = render_key_id(key);
    return {.facts = facts,
            .manifests = render_manifests(published.manifest, facts),
            .readme = render_readme(published.manifest, facts)};
}

packages::Publication describe(const Arrived& arrived, const Place& place) {
    const PublishedVersion& published = arrived.published;
    packages::Publication wanted{.tenant = place.tenant, .repository = place.repository};
    wanted.package_name = wanted.package_key = place.name;
    wanted.version_name = wanted.version_key = published.version;
    wanted.files.push_back({.name = tarball_name(place.name, published.version),
                            .blob_id = {},
                            .sha256 = arrived.digests.sha256,
                            .size_bytes = static_cast<std::int64_t>(arrived.spool.size_bytes()),
                            .content_type = std::string(tarball_type)});
    wanted.tags = published.tags;
    ManifestSummary summary = summarize(published.manifest);
    wanted.summary = {.description = std::move(summary.description),
                      .keywords = std::move(summary.keywords),
                      .traits = {},
                      .facts = std::move(summary.facts)};
    return wanted;
}

Task<> check_room(Context& context, Request& request, const Place& place) {
    http::BodySource* const body = request.body;
    TarballLength least = TarballLength::least(*body);
    request.body = &least;
    co_await packages::check_room(context, request, place.tenant, *place.repository);
    request.body = body;
}

Task<> publish(Context& context, Request& request, const Place& place, Prepared& prepared) {
    prepared.wanted.check_may = ask_for_replacing(context, request, place);
    const packages::PublicationIds ids = packages::make_publication_ids(context);
    auto note = [&](Tx& tx, blobs::BlobId id) {
        if (is_still_to_publish(tx, prepared, id)) packages::publish(tx, prepared.wanted, ids);
    };
    co_await packages::enter_spooled(*place.repository->blobs, packages::unit_behind_body(request),
                                     prepared.arrived->spool, note);
}

}  // namespace

Task<Received> receive_document(Context& context, Request& request, const Place& place) {
    co_await check_room(context, request, place);
    Spool spool(place.repository->blobs->scratch(), {DigestKind::sha512, DigestKind::sha1});
    TarballSource source(*request.body);
    co_await spool.append(source, limits::npm_body_bytes);
    co_await packages::begin_anew(context, request);
    co_return Received{.document = parse_package_document(source.document()),
                       .spool = std::move(spool),
                       .has_tarball = source.has_tarball()};
}

Task<Prepared> prepare_publication(Context& context, Request& request, const Place& place,
                                   Received received) {
    PublishedVersion published = find_published_version(std::move(received.document), place.name);
    if (!received.has_tarball)
        throw Problem(problems::invalid_input, "The tarball in _attachments has no data.");
    blobs::Digests digests = received.spool.finish();
    const auto arrived =
        std::make_shared<Arrived>(std::move(published), std::move(received.spool), std::move(digests));
    const identity::SigningKeys& keys = context.identity->vault.signing_keys;
    const packages::Inspection inspection(context, request, place.repository->blobs->scratch());
    auto look = [arrived, inspection, &keys] { return check(*arrived, inspection, keys); };
    Checked checked = co_await inspection.run(look);
    Prepared prepared{.arrived = arrived,
                      .incoming = describe_incoming(place, arrived->published, arrived->digests.sha256),
                      .damaged = std::nullopt,
                      .wanted = describe(*arrived, place),
                      .facts = checked.facts};
    TarballLength length(arrived->spool.size_bytes());
    request.body = &length;
    prepared.damaged = co_await packages::check_incoming(context, request, prepared.incoming);
    packages::check_same_bytes(prepared.incoming, prepared.damaged, arrived->digests.sha256);
    prepared.wanted.fragments =
        make_fragments(arrived->published, std::move(checked.manifests), std::move(checked.readme));
    co_return prepared;
}

bool is_still_to_publish(Tx& tx, Prepared& prepared, blobs::BlobId tarball) {
    if (packages::is_brought_back(tx, prepared.incoming, prepared.damaged, tarball)) return false;
    prepared.wanted.files.front().blob_id = tarball;
    return true;
}

std::function<void(std::string_view permission)> ask_for_replacing(const Context& context,
                                                                   const Request& request,
                                                                   const Place& place) {
    if (place.repository->settings.overwrite != packages::Overwrite::allowed) return [](std::string_view) {};
    return [&context, &request, resource = resource_of(place)](std::string_view permission) {
        context.identity->gate.authorise_known(request, permission, resource);
    };
}

Task<Response> put_package(Context& context, Request& request) {
    const Place place = place_of(request);
    Received received = co_await receive_document(context, request, place);
    if (!received.document.attachments)
        co_return co_await deprecate_versions(context, request, place, received.document);
    Prepared prepared = co_await prepare_publication(context, request, place, std::move(received));
    co_await publish(context, request, place, prepared);
    std::string id = ",\"id\":";
    append_json_string(id, place.name);
    Response response = answer_ok(201, id);
    notice_end_of_key(context, request, response);
    co_await notice_lack_of_room(context, request, place, response);
    co_return response;
}

}  // namespace lodestone::formats::npm
