// npm packages: files of versions, published, fetched, listed and deleted by name. Here stands what the
// protocol is, with the URL of its specification; its routes and handlers follow in one order.
//
//     PUT     /npm/{tenant}/{repository}/{name}/{version}/{file}
//     GET     the same
//     DELETE  the same, or the version
//     GET     /npm/{tenant}/{repository}/{name}/{version}/: its files, as JSON
#include "formats/npm/npm.hpp"

#include "base/context.hpp"
#include "base/hex.hpp"
#include "base/json_text.hpp"
#include "base/package_limits.hpp"
#include "blobs/blobs.hpp"
#include "db/database.hpp"
#include "identity/identity.hpp"
#include "packages/fetch.hpp"
#include "packages/file_answer.hpp"
#include "packages/incoming.hpp"
#include "packages/publish.hpp"
#include "packages/remove.hpp"

namespace lodestone::formats::npm {

namespace {

using db::Tx;
using http::Request;
using http::Response;

// What a request's path names.
struct Place {
    TenantId tenant;
    std::shared_ptr<const packages::RepositoryEntry> repository;
    std::string name;
    std::string version;

    explicit Place(const Request& request)
        : tenant(TenantId::trusted(request.parameter("tenant"))),
          repository(packages::repository_of(request)),
          name(request.parameter("name")),
          version(request.parameter("version")) {}
    packages::RepositoryPlace in_repository() const { return {tenant, repository->id}; }
    packages::FileKey key_of(const std::string& file) const {
        return {.package = name, .version = version, .name = file};
    }
    packages::Removing removing() const { return {.tenant = tenant, .repository = repository, .reason = {}}; }
};

packages::Publication describe(const Context& context, const Request& request, const Place& place,
                               const blobs::Draft& draft) {
    packages::Publication wanted{.tenant = place.tenant, .repository = place.repository};
    wanted.package_name = wanted.package_key = place.name;
    wanted.version_name = wanted.version_key = place.version;
    wanted.files.push_back({.name = request.parameter("file"),
                            .blob_id = {},
                            .sha256 = draft.digests().sha256,
                            .size_bytes = static_cast<std::int64_t>(draft.size_bytes()),
                            .content_type = packages::content_type_of(request)});
    wanted.rule = packages::PublishRule::by_file;
    wanted.check_may = packages::ask_gate(context, request);
    return wanted;
}

Task<Response> put_file(Context& context, Request& request) {
    const Place place(request);
    db::check_name("package", place.name);
    db::check_name("version", place.version);
    db::check_name("file", request.parameter("file"));
    const packages::IncomingFile incoming{.tenant = place.tenant,
                                          .repository = place.repository,
                                          .key = place.key_of(request.parameter("file")),
                                          .sha256 = std::nullopt};
    const auto damaged = co_await packages::check_incoming(context, request, incoming);
    auto draft = co_await place.repository->blobs->begin();
    co_await draft->append(*request.body, limits::generic_file_bytes);
    co_await packages::begin_anew(context, request);
    packages::check_same_bytes(incoming, damaged, draft->digests().sha256);
    packages::Publication wanted = describe(context, request, place, *draft);
    const packages::PublicationIds ids = packages::make_publication_ids(context);
    auto note = [&](Tx& tx, blobs::BlobId id) {
        if (packages::is_brought_back(tx, incoming, damaged, id)) return;
        wanted.files.front().blob_id = id;
        packages::publish(tx, wanted, ids);
    };
    co_await place.repository->blobs->enter(packages::unit_behind_body(request), *draft, note);
    co_return Response::empty(201);
}

Task<Response> fetch_file(Context& context, Request& request) {
    const Place place(request);
    const std::string& file = request.parameter("file");
    auto find = [&](Tx& tx) { return packages::find_fetched(tx, place.in_repository(), place.key_of(file)); };
    const auto found = co_await context.database->look_up(identity::make_unit(request), find);
    if (!found) db::refuse_absent("file", file + " in version " + place.version + " of " + place.name);
    const packages::FileAnswer answer{.tenant = place.tenant, .repository = place.repository};
    Response response = co_await packages::answer_with(context, request, answer, *found);
    co_return response;
}

// The version that the path names, with its package; refuses what is not there.
struct Named {
    packages::Package package;
    packages::Version version;
};
Named need_version(Tx& tx, const Place& place) {
    Named named{.package = packages::need_package(tx, place.in_repository(), place.name), .version = {}};
    named.version =
        packages::need_version(tx, {place.tenant, place.repository->id, named.package.id}, place.version);
    return named;
}

std::string render_files(const std::vector<packages::File>& files) {
    std::string text = "{\"files\":[";
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (i > 0) text += ',';
        text += "{\"name\":";
        append_json_string(text, files[i].name);
        text += ",\"size_bytes\":" + std::to_string(files[i].size_bytes) + ",\"sha256\":\"" +
                to_hex(files[i].sha256) + "\"}";
    }
    return text + "]}\n";
}

Task<Response> list_version(Context& context, Request& request) {
    const Place place(request);
    auto list = [&](Tx& tx) {
        const auto [package, version] = need_version(tx, place);
        return packages::list_files(tx, {{place.tenant, place.repository->id, package.id}, version.id});
    };
    const std::vector<packages::File> files =
        co_await context.database->read(identity::make_unit(request), list);
    co_return Response::json(200, render_files(files));
}

Task<Response> delete_file(Context& context, Request& request) {
    const Place place(request);
    const std::string& file = request.parameter("file");
    auto remove = [&](Tx& tx) {
        const auto [package, version] = need_version(tx, place);
        if (!packages::delete_version_file(tx, place.removing(), package, version, file))
            db::refuse_absent("file", file + " in version " + place.version + " of " + place.name);
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty();
}

Task<Response> delete_version(Context& context, Request& request) {
    const Place place(request);
    auto remove = [&](Tx& tx) {
        const auto [package, version] = need_version(tx, place);
        packages::delete_version(tx, place.removing(), package, version);
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty();
}

using enum http::Method;

constexpr http::Access may(std::string_view permission) {
    return http::Access::needs(permission, {.id = "name", .repository = "repository", .format = "npm"});
}

constexpr std::string_view file_path = "/npm/{tenant}/{repository}/{name}/{version}/{file}";
constexpr http::Route routes[] = {
    {put, file_path, may("package:publish"), put_file, {.body_limit_bytes = limits::generic_file_bytes}},
    {get, file_path, may("package:download"), fetch_file},
    {get, "/npm/{tenant}/{repository}/{name}/{version}/", may("package:read"), list_version},
    {del, file_path, may("package:delete"), delete_file},
    {del, "/npm/{tenant}/{repository}/{name}/{version}", may("package:delete"), delete_version},
};

}  // namespace

const packages::Format& format() {
    static constexpr packages::Format described{.name = "npm",
                                                .title = "npm packages",
                                                .guide = "npm.md",
                                                .mount = "/npm/{tenant}/{repository}",
                                                .routes = routes};
    return described;
}

}  // namespace lodestone::formats::npm
