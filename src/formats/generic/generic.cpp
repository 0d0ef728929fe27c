// Generic files: any file at name/version/file, for what has no protocol of its own.
//
//     PUT     /generic/{tenant}/{repository}/{name}/{version}/{file}[?tag=latest]
//     GET     the same; the version may be a tag, and `latest` is the newest one where no tag has that name
//     DELETE  the same, or a version, or a package
//     GET     /generic/{tenant}/{repository}/{name}/[{version}/]: what there is, as JSON
#include "formats/generic/generic.hpp"

#include <algorithm>

#include "base/context.hpp"
#include "base/hex.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "blobs/blobs.hpp"
#include "db/database.hpp"
#include "formats/generic/checksums.hpp"
#include "formats/generic/listing.hpp"
#include "identity/identity.hpp"
#include "packages/fetch.hpp"
#include "packages/file_answer.hpp"
#include "packages/incoming.hpp"
#include "packages/publish.hpp"
#include "packages/remove.hpp"

namespace lodestone::formats::generic {

namespace {

using db::Tx;
using http::Request;
using http::Response;
using packages::FoundFile;

constexpr std::string_view newest = "latest";

bool is_name(std::string_view text) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const auto is_fine = [&](char c) {
        return is_plain(c) || std::string_view("._-+~@:").find(c) != text.npos;
    };
    return !text.empty() && text.size() <= limits::package_name_bytes && is_plain(text.front()) &&
           std::ranges::all_of(text, is_fine);
}

// What a request's path names.
struct Place {
    TenantId tenant;
    std::shared_ptr<const packages::RepositoryEntry> repository;
    std::string name;

    explicit Place(const Request& request)
        : tenant(TenantId::trusted(request.parameter("tenant"))),
          repository(packages::repository_of(request)),
          name(request.parameter("name")) {}
    packages::RepositoryPlace in_repository() const { return {tenant, repository->id}; }
    packages::Removing removing() const { return {.tenant = tenant, .repository = repository, .reason = {}}; }
};

void check_written_name(const char* what, std::string_view text) {
    if (is_name(text)) return;
    throw Problem(problems::invalid_input,
                  std::string(what) +
                      " is 1 to 200 letters and digits and . _ - + ~ @ :, and begins with a letter "
                      "or digit.");
}
static_assert(limits::package_name_bytes == 200, "the sentence above says so");

std::string etag_of(const Sha256& sha256) {
    return '"' + to_hex(sha256) + '"';
}

packages::Publication describe_upload(const Context& context, const Request& request, const Place& place,
                                      const blobs::Draft& draft) {
    packages::Publication wanted{.tenant = place.tenant, .repository = place.repository};
    wanted.package_name = wanted.package_key = place.name;
    wanted.version_name = wanted.version_key = request.parameter("version");
    wanted.files.push_back({.name = request.parameter("file"),
                            .blob_id = {},
                            .sha256 = draft.digests().sha256,
                            .size_bytes = static_cast<std::int64_t>(draft.size_bytes()),
                            .content_type = packages::content_type_of(request)});
    for (const std::string_view tag : request.query.find_all("tag")) {
        check_written_name("A tag", tag);
        wanted.tags.emplace_back(tag);
    }
    wanted.rule = packages::PublishRule::by_file;
    wanted.check_may = packages::ask_gate(context, request);
    return wanted;
}

// What is announced, by its SHA-256 too if the client says that.
packages::IncomingFile describe_incoming(const Request& request, const Place& place,
                                         const std::vector<ExpectedDigest>& expected) {
    packages::IncomingFile file{.tenant = place.tenant,
                                .repository = place.repository,
                                .key = {.package = place.name,
                                        .version = request.parameter("version"),
                                        .name = request.parameter("file")},
                                .sha256 = std::nullopt};
    for (const ExpectedDigest& one : expected)
        if (one.kind == DigestKind::sha256 && one.bytes.size() == Sha256{}.size())
            std::ranges::copy(one.bytes, file.sha256.emplace().begin());
    return file;
}

// A part of a file would become the whole (RFC 9110 §14.5).
void check_is_whole(const Request& request) {
    if (request.header("content-range"))
        throw Problem(problems::invalid_input,
                      "Files are published whole: send this one again without Content-Range.");
}

Task<Response> put_file(Context& context, Request& request) {
    const Place place(request);
    check_is_whole(request);
    const std::vector<ExpectedDigest> expected = list_checksums(*request.headers);
    check_written_name("The name of a package", place.name);
    check_written_name("A version", request.parameter("version"));
    if (request.parameter("version") == newest)
        throw Problem(problems::invalid_input, "No version is called latest: that is the newest one.");
    db::check_name("file", request.parameter("file"));
    const packages::IncomingFile incoming = describe_incoming(request, place, expected);
    const auto damaged = co_await packages::check_incoming(context, request, incoming);
    auto draft = co_await place.repository->blobs->begin(kinds_of(expected));
    co_await draft->append(*request.body, limits::generic_file_bytes);
    co_await packages::begin_anew(context, request);
    check_checksums(expected, draft->digests());
    packages::check_same_bytes(incoming, damaged, draft->digests().sha256);
    packages::Publication wanted = describe_upload(context, request, place, *draft);
    const packages::PublicationIds ids = packages::make_publication_ids(context);
    auto note = [&](Tx& tx, blobs::BlobId id) {
        if (packages::is_brought_back(tx, incoming, damaged, id)) return;
        wanted.files.front().blob_id = id;
        packages::publish(tx, wanted, ids);
    };
    co_await place.repository->blobs->enter(packages::unit_behind_body(request), *draft, note);
    Response response = Response::empty(201);
    response.headers.set("Location", request.raw_path);
    response.headers.set("ETag", etag_of(wanted.files.front().sha256));
    response.headers.set("X-Checksum-Sha256", to_hex(wanted.files.front().sha256));
    co_return response;
}

// By version; else by tag; else, for `latest`, of the newest version that is not yanked.
std::optional<FoundFile> find_asked(Tx& tx, const Place& place, const std::string& version,
                                    const std::string& file) {
    const packages::RepositoryPlace in = place.in_repository();
    auto found = packages::find_fetched(tx, in, {.package = place.name, .version = version, .name = file});
    if (!found) found = packages::find_fetched_by_tag(tx, in, place.name, version, file);
    if (!found && version == newest) found = packages::find_fetched_newest(tx, in, place.name, file);
    return found;
}

Task<Response> fetch_file(Context& context, Request& request) {
    const Place place(request);
    const std::string& version = request.parameter("version");
    const std::string& file = request.parameter("file");
    auto find = [&](Tx& tx) { return find_asked(tx, place, version, file); };
    const auto found = co_await context.database->read(identity::make_unit(request), find);
    if (!found)
        throw Problem(problems::not_found,
                      "There is no file " + file + " in version " + version + " of " + place.name + ".");
    const packages::FileAnswer answer{
        .tenant = place.tenant,
        .repository = place.repository,
        .naming = found->version_name == version ? packages::Naming::fixed : packages::Naming::moving,
        .may_redirect = true};
    Response response = co_await packages::answer_with(context, request, answer, *found);
    response.headers.set("X-Lodestone-Version", found->version_name);
    co_return response;
}

// The version that a request is about, with its package; refuses what is not there.
struct Named {
    packages::Package package;
    packages::Version version;
};
Named need_version(Tx& tx, const Place& place, const std::string& name) {
    Named named{.package = packages::need_package(tx, place.in_repository(), place.name), .version = {}};
    named.version = packages::need_version(tx, {place.tenant, place.repository->id, named.package.id}, name);
    return named;
}

Task<Response> delete_file(Context& context, Request& request) {
    const Place place(request);
    const std::string& file = request.parameter("file");
    auto remove = [&](Tx& tx) {
        const auto [package, version] = need_version(tx, place, request.parameter("version"));
        if (!packages::delete_version_file(tx, place.removing(), package, version, file))
            db::refuse_absent("file", file + " in version " + version.name + " of " + place.name);
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty();
}

Task<Response> delete_version(Context& context, Request& request) {
    const Place place(request);
    auto remove = [&](Tx& tx) {
        const auto [package, version] = need_version(tx, place, request.parameter("version"));
        packages::delete_version(tx, place.removing(), package, version);
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty();
}

Task<Response> delete_package(Context& context, Request& request) {
    const Place place(request);
    auto remove = [&](Tx& tx) {
        packages::delete_package(tx, place.removing(),
                                 packages::need_package(tx, place.in_repository(), place.name));
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty();
}

Task<Response> list_package(Context& context, Request& request) {
    const Place place(request);
    auto list = [&](Tx& tx) {
        const packages::Package package = packages::need_package(tx, place.in_repository(), place.name);
        return render_package(tx, {place.tenant, place.repository->id, package.id}, package, request.query);
    };
    co_return Response::json(200, co_await context.database->read(identity::make_unit(request), list));
}

Task<Response> list_version(Context& context, Request& request) {
    const Place place(request);
    auto list = [&](Tx& tx) {
        const auto [package, version] = need_version(tx, place, request.parameter("version"));
        return render_version(tx, {{place.tenant, place.repository->id, package.id}, version.id}, version);
    };
    co_return Response::json(200, co_await context.database->read(identity::make_unit(request), list));
}

using enum http::Method;

constexpr http::Access may(std::string_view permission) {
    return http::Access::needs(permission, {.id = "name", .repository = "repository", .format = "generic"});
}

constexpr http::Route routes[] = {
    {get, "/generic/{tenant}/{repository}/{name}/", may("package:read"), list_package},
    {get, "/generic/{tenant}/{repository}/{name}/{version}/", may("package:read"), list_version},
    {get, "/generic/{tenant}/{repository}/{name}/{version}/{file}", may("package:download"), fetch_file},
    {put,
     "/generic/{tenant}/{repository}/{name}/{version}/{file}",
     may("package:publish"),
     put_file,
     {.body_limit_bytes = limits::generic_file_bytes}},
    {del, "/generic/{tenant}/{repository}/{name}/{version}/{file}", may("package:delete"), delete_file},
    {del, "/generic/{tenant}/{repository}/{name}/{version}", may("package:delete"), delete_version},
    {del, "/generic/{tenant}/{repository}/{name}", may("package:delete"), delete_package},
};

}  // namespace

const packages::Format& format() {
    static constexpr packages::Format described{.name = "generic",
                                                .title = "Generic files",
                                                .guide = "generic.md",
                                                .mount = "/generic/{tenant}/{repository}",
                                                .routes = routes};
    return described;
}

}  // namespace lodestone::formats::generic
