// What there is: the simple index,
// https://packaging.python.org/en/latest/specifications/simple-repository-api/, and the JSON API,
// https://warehouse.pypa.io/api-reference/json.html.
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "formats/pypi/handlers.hpp"
#include "formats/pypi/index.hpp"
#include "formats/pypi/place.hpp"
#include "formats/pypi/problems.hpp"
#include "formats/pypi/version.hpp"
#include "http/message/path.hpp"
#include "http/server/base_address.hpp"
#include "identity/identity.hpp"

namespace lodestone::formats::pypi {

using http::Request;
using http::Response;

namespace {

Problem no_such_project(std::string_view name) {
    return {problems::not_found, "There is no project " + std::string(name) + " here."};
}

Response redirect(const std::string& to) {
    Response response = Response::empty(301);
    response.headers.set("Location", to);
    response.headers.set("Cache-Control", "private, no-cache");
    return response;
}

const packages::IndexKind& need_index(const Request& request) {
    const bool is_repeated = request.headers->count("Accept") > 1;
    const packages::IndexKind* kind = is_repeated ? choose_simple_index(request.headers->joined("Accept"))
                                                  : choose_simple_index(request.header("Accept"));
    if (kind == nullptr)
        throw Problem(not_acceptable, "The index is HTML or " + std::string(simple_json_type) +
                                          ": ask for one of them in the header Accept.");
    return *kind;
}

Task<Response> answer(Context& context, const Request& request, const packages::IndexKind& kind,
                      std::string project) {
    // In the list of all projects there is no address.
    packages::IndexRequest wanted{.kind = kind,
                                  .package_key = project,
                                  .base = project.empty() ? std::string() : http::base_address(request),
                                  .vary = &kind == &project_json ? "" : "Accept"};
    auto response = co_await packages::answer_with_index(context, request, std::move(wanted));
    if (!response) throw no_such_project(project);
    co_return *std::move(response);
}

// The projects that whoever asks may see: a policy may hide some of them.
class Seen {
  public:
    Seen(Context& context, const Request& request) : context_(context), request_(request), place_(request) {}

    Task<bool> is_all() const {
        co_return co_await gate().may_find_all(request_.principal, "package:list", resource_of({}), request_);
    }
    Task<std::vector<ListedProject>> list() const {
        std::vector<ListedProject> seen;
        db::ListRequest wanted{.filters = {}, .sort = {}, .limit = limits::page_rows_most, .cursor = {}};
        do {
            auto read = [&](db::Tx& tx) {
                return packages::list_packages(tx, place_.in_repository(), wanted);
            };
            const auto page = co_await context_.database->read(identity::make_unit(request_), read);
            for (const packages::Package& package : page.items) {
                const identity::Decision decision = co_await gate().judge(
                    request_.principal, "package:list", resource_of(package.name_key), request_);
                if (decision.is_allowed) seen.push_back({package.name, package.name_key});
            }
            wanted.cursor = page.next;
        } while (!wanted.cursor.empty());
        co_return seen;
    }

  private:
    identity::Gate& gate() const { return context_.identity->gate; }
    identity::Resource resource_of(std::string project) const {
        identity::Resource resource;
        resource.tenant = place_.tenant;
        resource.type = "package";
        resource.id = std::move(project);
        identity::place_in_repository(resource, place_.repository.get(), place_.repository->name);
        return resource;
    }

    Context& context_;
    const Request& request_;
    const Place place_;
};

}  // namespace

std::string path_of(const Place& place) {
    return "/pypi/" + place.tenant.text() + '/' + http::encode_path_text(place.repository->name);
}

Task<Response> list_projects(Context& context, Request& request) {
    const packages::IndexKind& kind = need_index(request);
    const Seen seen(context, request);
    if (co_await seen.is_all()) co_return co_await answer(context, request, kind, {});
    const std::vector<ListedProject> projects = co_await seen.list();
    Response response = Response::text(200, render_projects(kind, projects), kind.content_type);
    response.headers.set("Vary", "Accept");
    response.headers.set("Cache-Control", "private, no-cache");
    response.headers.set("X-Content-Type-Options", "nosniff");
    co_return response;
}

Task<Response> list_files(Context& context, Request& request) {
    const std::string& project = request.parameter("project");
    const std::string key = fold_project_name(project);
    if (key != project) {
        if (!is_project_name(project)) throw no_such_project(project);
        co_return redirect(path_of(Place(request)) + "/simple/" + key + '/');
    }
    co_return co_await answer(context, request, need_index(request), key);
}

Task<Response> add_slash(Context&, Request& request) {
    std::string path(request.raw_path);
    if (request.match.route->pattern.ends_with("{project}"))
        path = path_of(Place(request)) + "/simple/" +
               http::encode_path_text(fold_project_name(request.parameter("project")));
    co_return redirect(path + '/');
}

Task<Response> show_project(Context& context, Request& request) {
    return answer(context, request, project_json, fold_project_name(request.parameter("project")));
}

Task<Response> show_version(Context& context, Request& request) {
    const Place place(request);
    const packages::IndexSubject subject{.tenant = place.tenant,
                                         .repository = place.repository,
                                         .package_key = fold_project_name(request.parameter("project")),
                                         .base = http::base_address(request)};
    const std::string version = fold_version_text(request.parameter("version"));
    auto render = [&](db::Tx& tx) { return render_version_json(tx, subject, version); };
    auto text = co_await context.database->read(identity::make_unit(request), render);
    if (!text)
        throw Problem(problems::not_found, "There is no version " + request.parameter("version") + " of " +
                                               request.parameter("project") + " here.");
    Response response = Response::json(200, *std::move(text));
    response.headers.set("Cache-Control", "private, no-cache");
    co_return response;
}

}  // namespace lodestone::formats::pypi
