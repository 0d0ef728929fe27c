// Publishing: https://warehouse.pypa.io/api-reference/legacy.html. The file is looked at before anything of
// it is stored.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/json_text.hpp"
#include "base/problem.hpp"
#include "base/python_limits.hpp"
#include "blobs/blobs.hpp"
#include "db/database.hpp"
#include "formats/pypi/attestation.hpp"
#include "formats/pypi/content.hpp"
#include "formats/pypi/entry.hpp"
#include "formats/pypi/handlers.hpp"
#include "formats/pypi/index.hpp"
#include "formats/pypi/json_members.hpp"
#include "formats/pypi/metadata.hpp"
#include "formats/pypi/place.hpp"
#include "formats/pypi/problems.hpp"
#include "formats/pypi/upload_body.hpp"
#include "formats/pypi/upload_form.hpp"
#include "identity/identity.hpp"
#include "packages/archive/inspection.hpp"
#include "packages/archive/spool.hpp"
#include "packages/incoming.hpp"
#include "packages/index_changes.hpp"
#include "packages/publish.hpp"

namespace lodestone::formats::pypi {

using db::Tx;
using http::Request;
using http::Response;

namespace {

// What came, once it was looked at.
struct Upload {
    AnnouncedFile announced;
    std::string metadata_bytes;
    CoreMetadata metadata;
    std::vector<Attestation> attestations;
    blobs::Digests digests;
    std::uint64_t size_bytes = 0;

    packages::FileKey key() const {
        return {.package = fold_project_name(announced.project),
                .version = fold_version(announced.version),
                .name = announced.file_name};
    }
};

identity::Resource resource_of(const Request& request, const Place& place, const std::string& project) {
    identity::Resource resource;
    resource.tenant = place.tenant;
    resource.type = "package";
    resource.id = project;
    identity::place_in_repository(resource, request.repository.get(), request.parameter("repository"));
    return resource;
}

std::string hex_of(const blobs::Digests& digests, DigestKind kind) {
    const std::string bytes = digests.find(kind).value_or("");
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string sha256_of(std::string_view bytes) {
    Sha256Digest digest;
    digest.add(bytes);
    return to_hex(digest.finish());
}

PublishedFile describe_file(const Upload& upload, Time now) {
    return {.file_name = upload.announced.file_name,
            .distribution = upload.announced.distribution,
            .project_key = upload.key().package,
            .version_name = render_version(upload.metadata.version),
            .sha256 = to_hex(upload.digests.sha256),
            .md5 = hex_of(upload.digests, DigestKind::md5),
            .blake2b_256 = hex_of(upload.digests, DigestKind::blake2b_256),
            .size_bytes = upload.size_bytes,
            .metadata_sha256 =
                upload.announced.distribution.is_wheel() ? sha256_of(upload.metadata_bytes) : std::string(),
            .requires_python = std::string(upload.metadata.find("requires-python")),
            .has_provenance = !upload.attestations.empty(),
            .uploaded_at = now};
}

packages::Fragment fragment(std::string_view kind, const std::string& about, std::string body) {
    return {.kind = std::string(kind), .name = about, .body = std::move(body)};
}

packages::Fragment render_provenance_of(const Upload& upload) {
    return fragment(provenance_kind, upload.announced.file_name,
                    render_provenance(upload.attestations, R"({"kind":"Lodestone","claims":null})"));
}

// What does not depend on when it is published, which the transaction knows. This may take long.
std::vector<packages::Fragment> render_texts(const Upload& upload) {
    const std::string& name = upload.announced.file_name;
    std::vector<packages::Fragment> all{fragment(info_kind, "", render_info(upload.metadata))};
    if (upload.announced.distribution.is_wheel())
        all.push_back(fragment(metadata_kind, name, upload.metadata_bytes));
    if (!upload.attestations.empty()) all.push_back(render_provenance_of(upload));
    return all;
}

// The few lines of the indexes that do.
std::vector<packages::Fragment> render_entries(const Upload& upload, Time now) {
    const PublishedFile file = describe_file(upload, now);
    return {fragment(json_kind, file.file_name, render_json_entry(file)),
            fragment(html_kind, file.file_name, render_html_entry(file)),
            fragment(release_kind, file.file_name, render_release_entry(file))};
}

packages::Summary summarize(const Upload& upload) {
    packages::Summary summary;
    if (const std::string_view text = upload.metadata.find("summary"); !text.empty())
        summary.description = text;
    if (auto words = list_keywords(upload.metadata); !words.empty()) summary.keywords = std::move(words);
    summary.traits = list_traits(upload.metadata, upload.announced.distribution);
    summary.facts = render_facts(upload.metadata);
    return summary;
}

packages::Publication describe_publication(const Context& context, const Request& request, const Place& place,
                                           const Upload& upload) {
    const packages::FileKey key = upload.key();
    packages::Publication wanted{.tenant = place.tenant, .repository = place.repository};
    wanted.package_name = upload.metadata.project;
    wanted.package_key = key.package;
    wanted.version_name = render_version(upload.metadata.version);
    wanted.version_key = key.version;
    wanted.files.push_back({.name = upload.announced.file_name,
                            .blob_id = {},
                            .sha256 = upload.digests.sha256,
                            .size_bytes = static_cast<std::int64_t>(upload.size_bytes),
                            .content_type = "application/octet-stream",
                            .digests = fmt::format(R"({{"blake2b_256":"{}","md5":"{}"}})",
                                                   hex_of(upload.digests, DigestKind::blake2b_256),
                                                   hex_of(upload.digests, DigestKind::md5))});
    wanted.summary = summarize(upload);
    wanted.rule = packages::PublishRule::by_file;
    wanted.fold_file = fold_file_name;
    wanted.check_may = [&context, &request, &place, project = key.package](std::string_view permission) {
        context.identity->gate.authorise_known(request, permission, resource_of(request, place, project));
    };
    return wanted;
}

// These bytes are there under this name, and whoever sends them again is told that all is well.
std::optional<packages::FoundFile> find_same(Tx& tx, const Place& place, const Upload& upload) {
    auto found = packages::find_fetched(tx, place.in_repository(), upload.key());
    if (found && found->sha256 == upload.digests.sha256) return found;
    if (place.repository->settings.overwrite == packages::Overwrite::allowed) return std::nullopt;
    if (found) throw file_exists_already(upload.announced.file_name);
    const auto alike = packages::find_file_alike(tx, place.in_repository(), upload.key(), fold_file_name);
    if (alike) throw file_exists_already(*alike);
    return std::nullopt;
}

// Who vouches for a file may come later than the file. What was said first stays.
void add_attestations(Tx& tx, const Place& place, const Upload& upload, const packages::FoundFile& found) {
    const packages::VersionPlace version{{place.tenant, place.repository->id, found.package_id},
                                         found.version_id};
    if (upload.attestations.empty() || packages::find_fragment(tx, version, provenance_kind, found.name))
        return;
    packages::put_fragment(tx, version, render_provenance_of(upload));
    for (const packages::Fragment& entry : render_entries(upload, found.created_at))
        packages::put_fragment(tx, version, entry);
    std::string details = "{\"repository\":";
    append_json_string(details, place.repository->name);
    append_member(details, "package", upload.key().package);
    append_member(details, "version", found.version_name);
    append_member(details, "attested", found.name);
    tx.record({.action = "package.update",
               .tenant = place.tenant.text(),
               .subject = found.version_id.text(),
               .details = details + '}',
               .stale_indexes = packages::stale_indexes(*place.repository, upload.key().package)});
}

void check_takes_uploads(Tx& tx, const Place& place, const Upload& upload) {
    const auto package = packages::find_package_by_key(tx, place.in_repository(), upload.key().package);
    if (!package) return;
    const ProjectStatus status = parse_project_status(package->metadata);
    if (!status.takes_uploads())
        throw Problem(problems::forbidden, "The project " + package->name + " is " + status.status +
                                               ": nothing is published there until that changes.");
}

struct Looked {
    std::string bytes;
    CoreMetadata metadata = {};
};

// Of what was spooled: digests first, since what is damaged on its way is no archive either.
Upload describe_arrived(const UploadForm& form, packages::Spool& spool) {
    Upload upload{.announced = parse_upload_form(form)};
    upload.digests = spool.finish();
    upload.size_bytes = spool.size_bytes();
    check_digests(upload.announced, upload.digests);
    return upload;
}

// What is only done for whoever may publish it.
Task<> look_into(const packages::Inspection& inspection, Upload& upload,
                 const std::shared_ptr<packages::Spool>& spool) {
    if (!upload.announced.attestations.empty())
        upload.attestations = parse_attestations(upload.announced.attestations, upload.announced.file_name,
                                                 upload.digests.sha256);
    auto look = [inspection, spool, announced = upload.announced] {
        const auto read_at = inspection.limit([spool](std::uint64_t offset, std::span<std::byte> into) {
            return spool->read_at(offset, into);
        });
        Looked looked{.bytes = read_metadata(read_at, spool->size_bytes(), announced.distribution)};
        looked.metadata = parse_metadata(looked.bytes);
        check_is_of(looked.metadata, announced.project, announced.version);
        return looked;
    };
    Looked looked = co_await inspection.run(look);
    upload.metadata_bytes = std::move(looked.bytes);
    upload.metadata = std::move(looked.metadata);
}

Task<> store(Context& context, Request& request, const Place& place, const Upload& upload,
             packages::Spool& spool) {
    packages::Publication wanted = describe_publication(context, request, place, upload);
    const std::vector<packages::Fragment> texts = render_texts(upload);
    const packages::PublicationIds ids = packages::make_publication_ids(context);
    auto note = [&](Tx& tx, blobs::BlobId id) {
        check_takes_uploads(tx, place, upload);
        if (const auto found = find_same(tx, place, upload))
            return add_attestations(tx, place, upload, *found);
        wanted.files.front().blob_id = id;
        wanted.fragments = texts;
        std::ranges::move(render_entries(upload, tx.now()), std::back_inserter(wanted.fragments));
        packages::publish(tx, wanted, ids);
    };
    co_await packages::enter_spooled(*place.repository->blobs, packages::unit_behind_body(request), spool,
                                     note);
}

}  // namespace

Task<Response> take_upload(Context& context, Request& request) {
    const Place place(request);
    co_await packages::check_room(context, request, place.tenant, *place.repository);
    auto spool = std::make_shared<packages::Spool>(place.repository->blobs->scratch(),
                                                   std::vector{DigestKind::md5, DigestKind::blake2b_256});
    const UploadForm form =
        co_await read_upload_form(request, spool, place.repository->blobs->scratch().threads().threads());
    co_await packages::begin_anew(context, request);
    Upload upload = describe_arrived(form, *spool);
    co_await context.identity->gate.authorise(request, "package:publish",
                                              resource_of(request, place, upload.key().package));
    auto look = [&](Tx& tx) { return find_same(tx, place, upload); };
    co_await context.database->read(identity::make_unit(request), look);
    co_await look_into({context, request, place.repository->blobs->scratch()}, upload, spool);
    co_await store(context, request, place, upload, *spool);
    co_return Response::text(200, "OK\n");
}

}  // namespace lodestone::formats::pypi
