// Pushing manifests: parsed, checked against what the image has, and published under its digest and its tags.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/image_limits.hpp"
#include "blobs/blobs.hpp"
#include "blobs/stored_bytes.hpp"
#include "db/database.hpp"
#include "formats/oci/facts.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/image_blobs.hpp"
#include "formats/oci/problems.hpp"
#include "formats/oci/summary.hpp"
#include "identity/identity.hpp"
#include "packages/incoming.hpp"
#include "packages/property.hpp"
#include "packages/publish.hpp"

namespace lodestone::formats::oci {

using db::Tx;
using http::Request;
using http::Response;

namespace {

// What the request asks for.
struct Push {
    Place place;
    ContentDigest digest;
    std::vector<std::string> tags;
    Manifest manifest;
    std::string bytes;
    blobs::Digests digests;
};

std::vector<std::string> tags_of(const Request& request, const Reference& reference) {
    std::vector<std::string> tags;
    if (!reference.digest) tags.push_back(reference.text);
    for (const std::string_view tag : request.query.find_all("tag")) {
        if (!is_tag(tag))
            throw Problem(manifest_invalid,
                          "A tag is a letter, digit or _ and then up to 127 of these and . or -.");
        if (std::ranges::count(tags, tag) == 0) tags.emplace_back(tag);
    }
    return tags;
}

Task<Push> receive(Request& request) {
    Push push{
        .place = place_of(request), .digest = {}, .tags = {}, .manifest = {}, .bytes = {}, .digests = {}};
    const auto reference = parse_reference(request.parameter("reference"));
    if (!reference)
        throw Problem(
            manifest_invalid,
            "A manifest is pushed under its digest, or under a tag: a letter, digit or _ and then up to "
            "127 of these and . or -.");
    push.tags = tags_of(request, *reference);
    push.bytes = co_await http::read_all(*request.body, limits::manifest_bytes);
    push.manifest = parse_manifest(push.bytes, request.header("content-type").value_or(""));
    if (reference->digest) push.digest = *reference->digest;
    const std::vector<DigestKind> also = kinds_for(push.digest);
    blobs::RunningDigests running(also);
    running.add(push.bytes);
    push.digests = running.digests();
    if (reference->digest)
        check_digest(push.digests, push.digest);
    else
        push.digest.bytes.assign(push.digests.sha256.begin(), push.digests.sha256.end());
    co_return push;
}

[[noreturn]] void refuse_missing(const Push& push, const char* what, const Descriptor& descriptor) {
    throw Problem(manifest_blob_unknown,
                  fmt::format("The manifest names the {} {}, which is not in {}: push it first.", what,
                              render_content_digest(descriptor.digest), push.place.name()));
}

// Finds what the manifest names, as the image has it; kept from now on for the manifest's sake.
class Needs {
  public:
    Needs(Tx& tx, const Push& push) : tx_(tx), push_(push) {}

    std::vector<packages::ShownBlob> find() {
        const Manifest& manifest = push_.manifest;
        if (manifest.config) add_blob(*manifest.config);
        for (const Descriptor& layer : manifest.layers) add_blob(layer);
        for (const Descriptor& entry : manifest.manifests) check_entry(entry);
        return std::move(found_);
    }

  private:
    // What the image has under a digest; `media_type` is a manifest's, and empty of a blob, which has none.
    struct Found {
        std::int64_t size_bytes = 0;
        std::string media_type;
    };

    void add_blob(const Descriptor& descriptor) {
        if (was_found(descriptor)) return;
        const auto blob = find_image_blob(tx_, push_.place, descriptor.digest);
        if (!blob && descriptor.is_foreign) return;
        if (!blob) refuse_missing(push_, "blob", descriptor);
        note(descriptor, {.size_bytes = blob->size_bytes, .media_type = {}});
        found_.push_back({.blob_id = blob->id, .size_bytes = blob->size_bytes});
    }

    // Manifests, mostly; an index may list blobs, too.
    void check_entry(const Descriptor& descriptor) {
        if (was_found(descriptor)) return;
        const Reference reference{.text = render_content_digest(descriptor.digest),
                                  .digest = descriptor.digest};
        const auto manifest = find_manifest(tx_, push_.place, reference);
        if (!manifest && descriptor.is_foreign) return;
        if (!manifest) return add_listed_blob(descriptor);
        note(descriptor, {.size_bytes = manifest->size_bytes, .media_type = manifest->content_type});
    }

    void add_listed_blob(const Descriptor& descriptor) {
        const auto blob = find_image_blob(tx_, push_.place, descriptor.digest);
        if (!blob) refuse_missing(push_, "manifest", descriptor);
        note(descriptor, {.size_bytes = blob->size_bytes, .media_type = {}});
        found_.push_back({.blob_id = blob->id, .size_bytes = blob->size_bytes});
    }

    // What is named twice is looked for once, and has to be described rightly both times.
    bool was_found(const Descriptor& descriptor) const {
        const auto known = named_.find(descriptor.digest);
        if (known != named_.end()) check_description(descriptor, known->second);
        return known != named_.end();
    }
    void note(const Descriptor& descriptor, Found found) {
        check_description(descriptor, found);
        named_.emplace(descriptor.digest, std::move(found));
    }
    static void check_description(const Descriptor& descriptor, const Found& found) {
        if (static_cast<std::uint64_t>(found.size_bytes) != descriptor.size_bytes)
            throw Problem(size_invalid, fmt::format("The manifest says that {} has {} bytes; it has {}.",
                                                    render_content_digest(descriptor.digest),
                                                    descriptor.size_bytes, found.size_bytes));
        if (!found.media_type.empty() && found.media_type != descriptor.media_type)
            throw Problem(manifest_invalid,
                          fmt::format("The manifest says that {} is of the type {}; it is of the type {}.",
                                      render_content_digest(descriptor.digest), descriptor.media_type,
                                      found.media_type));
    }

    Tx& tx_;
    const Push& push_;
    std::map<ContentDigest, Found> named_;
    std::vector<packages::ShownBlob> found_;
};

// What its configuration says of an image, where it has come and is one.
Task<std::optional<ImageConfig>> read_config(Context& context, const Request& request, const Push& push) {
    const auto& described = push.manifest.config;
    if (!described || !is_readable_config(described->media_type)) co_return std::nullopt;
    if (described->size_bytes > limits::image_config_bytes) co_return std::nullopt;
    const auto blob = co_await look_for_blob(context, request, push.place, described->digest);
    if (!blob || static_cast<std::uint64_t>(blob->size_bytes) > limits::image_config_bytes)
        co_return std::nullopt;
    auto body = co_await push.place.repository->blobs->open(blob->key(), blob->size_bytes);
    if (!body) co_return std::nullopt;
    const std::string bytes = co_await blobs::read_stored(*std::move(body), limits::image_config_bytes);
    co_return parse_image_config(bytes);
}

packages::Publication describe(Context& context, const Request& request, const Push& push,
                               const std::optional<ImageConfig>& config) {
    packages::Publication wanted{.tenant = push.place.tenant, .repository = push.place.repository};
    wanted.package_name = wanted.package_key = push.place.image;
    wanted.version_name = wanted.version_key = render_content_digest(push.digest);
    wanted.files.push_back({.name = std::string(manifest_file),
                            .blob_id = {},
                            .sha256 = push.digests.sha256,
                            .size_bytes = static_cast<std::int64_t>(push.bytes.size()),
                            .content_type = push.manifest.media_type});
    wanted.tags = push.tags;
    if (!is_about_another(push.manifest, push.tags)) {
        const Described image{.manifest = push.manifest, .config = config};
        wanted.summary.description = find_description(image);
        wanted.summary.keywords = find_keywords(image);
        wanted.summary.traits = list_traits(image);
    }
    wanted.summary.facts = render_facts(push.manifest, config);
    wanted.rule = packages::PublishRule::same_again;
    wanted.check_may = packages::ask_gate(context, request);
    return wanted;
}

// By which the manifest is found from what it is about, and what it needs, from it.
void note_subject(Tx& tx, const Push& push, const packages::Published& published) {
    const packages::PackagePlace in{push.place.tenant, push.place.repository->id, published.package.id};
    const packages::VersionPlace version{in, published.version.id};
    if (push.manifest.subject)
        packages::put_property(tx, version, subject_property,
                               render_content_digest(push.manifest.subject->digest));
    if (const std::string type = effective_artifact_type(push.manifest); !type.empty())
        packages::put_property(tx, version, artifact_type_property, type);
    for (const Descriptor& entry : push.manifest.manifests) {
        const std::string digest = render_content_digest(entry.digest);
        packages::put_property(tx, version, std::string(packages::needs_property) + digest, digest);
    }
}

Response describe_pushed(const Push& push) {
    const std::string digest = render_content_digest(push.digest);
    Response response = Response::empty(201);
    response.headers.set("Location", push.place.url("manifests/" + digest));
    response.headers.set("Docker-Content-Digest", digest);
    if (push.manifest.subject)
        response.headers.set("OCI-Subject", render_content_digest(push.manifest.subject->digest));
    for (const std::string& tag : push.tags) response.headers.add("OCI-Tag", tag);
    const auto foreign = std::ranges::count_if(push.manifest.layers, &Descriptor::is_foreign);
    if (foreign > 0)
        add_warning(
            response,
            fmt::format("{} layers may be kept elsewhere, where this registry does not look.", foreign));
    return response;
}

}  // namespace

Task<Response> push_manifest(Context& context, Request& request) {
    const Push push = co_await receive(request);
    co_await packages::begin_anew(context, request);
    const auto config = co_await read_config(context, request, push);
    packages::Publication wanted = describe(context, request, push, config);
    const packages::PublicationIds ids = packages::make_publication_ids(context);
    auto note = [&](Tx& tx, blobs::BlobId id) {
        wanted.files.front().blob_id = id;
        wanted.needs = Needs(tx, push).find();
        note_subject(tx, push, packages::publish(tx, wanted, ids));
    };
    co_await push.place.repository->blobs->enter_small(packages::unit_behind_body(request), push.bytes,
                                                       push.digests, note);
    co_return describe_pushed(push);
}

}  // namespace lodestone::formats::oci
