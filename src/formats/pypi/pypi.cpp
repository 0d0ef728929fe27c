// Python packages: https://packaging.python.org/en/latest/specifications/simple-repository-api/ for those who
// install, https://warehouse.pypa.io/api-reference/legacy.html for those who publish.
//
// A project is a package, its releases are versions, and wheels and sdists their files, which come one by
// one. What a file says in the indexes is rendered when it comes (entry.hpp), and so is the metadata of a
// wheel.
#include "formats/pypi/pypi.hpp"

#include "base/python_limits.hpp"
#include "formats/pypi/handlers.hpp"
#include "formats/pypi/names.hpp"
#include "formats/pypi/problems.hpp"
#include "formats/pypi/version.hpp"
#include "formats/pypi/vulnerabilities.hpp"
#include "http/server/app_named_later.hpp"
#include "http/server/problem_response.hpp"

namespace lodestone::formats::pypi {

namespace {

using enum http::Method;

constexpr http::Access may(std::string_view permission) {
    return http::Access::needs(permission, {.id = "project", .repository = "repository", .format = "pypi"});
}
constexpr http::Access may_list() {
    return http::Access::needs("package:list", {.repository = "repository", .format = "pypi"});
}
// The form says which project it is.
constexpr http::Access may_publish() {
    return http::Access::needs("package:publish",
                               {.id = http::in_body, .repository = "repository", .format = "pypi"});
}
// Refused in problem details, as PEP 807 has it.
constexpr http::RouteOptions exchange{.body_limit_bytes = limits::python_mint_bytes,
                                      .render_problem = http::render_problem};
constexpr http::RouteOptions upload{.body_limit_bytes = limits::python_form_bytes};

constexpr http::Route routes[] = {
    {get, "/pypi/{tenant}/{repository}/simple/", may_list(), list_projects},
    {get, "/pypi/{tenant}/{repository}/simple", may_list(), add_slash},
    {get, "/pypi/{tenant}/{repository}/simple/{project}/", may("package:read"), list_files},
    {get, "/pypi/{tenant}/{repository}/simple/{project}", may("package:read"), add_slash},

    {get, "/pypi/{tenant}/{repository}/files/{project}/{version}/{file}", may("package:download"),
     fetch_file},
    {del, "/pypi/{tenant}/{repository}/files/{project}/{version}/{file}", may("package:delete"), delete_file},
    {get, "/pypi/{tenant}/{repository}/integrity/{project}/{version}/{file}/provenance", may("package:read"),
     show_provenance},

    {get, "/pypi/{tenant}/{repository}/pypi/{project}/json", may("package:read"), show_project},
    {get, "/pypi/{tenant}/{repository}/pypi/{project}/{version}/json", may("package:read"), show_version},

    {post, "/pypi/{tenant}/{repository}/legacy/", may_publish(), take_upload, upload},
    {post, "/pypi/{tenant}/{repository}/legacy", may_publish(), take_upload, upload},
    {post, "/pypi/{tenant}/{repository}/", may_publish(), take_upload, upload},
    {post, "/pypi/{tenant}/{repository}", may_publish(), take_upload, upload},

    {get, "/pypi/{tenant}/{repository}/_/oidc/audience", http::Access::open, show_audience, exchange},
    {post, "/pypi/{tenant}/{repository}/_/oidc/mint-token", http::Access::open, mint_token, exchange},
};

constexpr http::Route root_routes[] = {
    {get, "/.well-known/pytp", http::Access::open, discover_publishing, exchange},
    {get, "/_/oidc/audience", http::Access::open, show_audience, exchange},
    {post, "/_/oidc/mint-token", http::Access::open, mint_token_of_host, exchange},
};

// The key stands in the address, since that is all that every pip takes; docs/user/pypi.md says what else
// there is.
std::vector<std::string> list_client_lines(const packages::ClientSetup& setup) {
    const std::string path = "/pypi/" + setup.tenant + '/' + setup.repository;
    const std::size_t host = setup.base.find("//") + 2;
    const std::string key = "$(" + setup.key_command + ")";
    return {"pip install --index-url \"" + setup.base.substr(0, host) + "__token__:" + key + '@' +
                setup.base.substr(host) + path + "/simple/\" NAME",
            "twine upload --repository-url " + setup.base + path +
                "/legacy/ --username __token__ --password \"" + key + "\" FILE"};
}

}  // namespace

const packages::Format& format() {
    static constexpr packages::Format described{.name = "pypi",
                                                .title = "Python packages",
                                                .guide = "pypi.md",
                                                .mount = "/pypi/{tenant}/{repository}",
                                                .routes = routes,
                                                .root_routes = root_routes,
                                                .fold_name = fold_project_name,
                                                .fold_version = fold_version_text,
                                                .has_indexes = true,
                                                .advisories = &ecosystem,
                                                .client_lines = list_client_lines,
                                                .render_problem = render_problem};
    return described;
}

}  // namespace lodestone::formats::pypi
