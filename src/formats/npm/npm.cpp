// npm packages: what npm, pnpm, yarn and bun publish and install.
// https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md
//
// A package is a package and each version a version, with its tarball as the one file. What is said of
// versions in a package's documents is rendered when they are published (fragments) and joined when somebody
// asks (packument.cpp).
#include "formats/npm/npm.hpp"

#include "base/npm_limits.hpp"
#include "formats/npm/advisories.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/place.hpp"
#include "formats/npm/version.hpp"
#include "http/server/app_named_later.hpp"

namespace lodestone::formats::npm {

namespace {

using enum http::Method;

constexpr http::Access may(std::string_view permission) {
    return http::Access::needs(permission, {.id = "name", .repository = "repository", .format = "npm"});
}

constexpr http::RouteOptions taking(std::uint64_t body_bytes) {
    return {.body_limit_bytes = body_bytes};
}
constexpr http::RouteOptions small = taking(limits::npm_small_bytes);
constexpr http::RouteOptions plain = taking(limits::body_bytes);
// Another site that could begin one from its visitor's browser would look like the visitor's own program.
constexpr http::RouteOptions of_terminals{.body_limit_bytes = limits::npm_small_bytes,
                                          .allows_cross_origin = false};

constexpr http::Access in_repository(std::string_view permission) {
    return http::Access::needs(permission, {.repository = "repository", .format = "npm"});
}

// The package is known once the row is read, and the gate is asked again then.
constexpr http::Access of_staged(std::string_view permission) {
    return http::Access::needs(permission,
                               {.id = http::in_body, .repository = "repository", .format = "npm"});
}

constexpr http::Route routes[] = {
    {get, "/npm/{tenant}/{repository}/{name+}", may("package:read"), fetch_packument},
    {get, "/npm/{tenant}/{repository}/{name+}/{version}", may("package:read"), fetch_version},
    {get, "/npm/{tenant}/{repository}/{name+}/-/{file+}", may("package:download"), fetch_tarball},
    {put, "/npm/{tenant}/{repository}/{name+}", may("package:publish"), put_package,
     taking(limits::npm_body_bytes)},
    {put, "/npm/{tenant}/{repository}/{name+}/-rev/{revision}", may("package:delete"), put_revision,
     taking(limits::npm_edit_bytes)},
    {del, "/npm/{tenant}/{repository}/{name+}/-rev/{revision}", may("package:delete"), delete_package},
    {del, "/npm/{tenant}/{repository}/{name+}/-/{file+}/-rev/{revision}", may("package:delete"),
     delete_tarball},

    {get, "/npm/{tenant}/{repository}/-/package/{name+}/dist-tags", may("package:read"), list_tags},
    {put, "/npm/{tenant}/{repository}/-/package/{name+}/dist-tags/{tag}", may("package:update"), put_tag,
     small},
    {post, "/npm/{tenant}/{repository}/-/package/{name+}/dist-tags/{tag}", may("package:update"), put_tag,
     small},
    {del, "/npm/{tenant}/{repository}/-/package/{name+}/dist-tags/{tag}", may("package:update"), delete_tag},

    {post, "/npm/{tenant}/{repository}/-/stage/package/{name+}", may("package:stage"), stage_package,
     taking(limits::npm_body_bytes)},
    {get, "/npm/{tenant}/{repository}/-/stage", of_staged("package:stage"), list_staged},
    {get, "/npm/{tenant}/{repository}/-/stage/{stage}", of_staged("package:stage"), show_staged},
    {get, "/npm/{tenant}/{repository}/-/stage/{stage}/tarball", of_staged("package:stage"),
     fetch_staged_tarball},
    {post, "/npm/{tenant}/{repository}/-/stage/{stage}/approve", of_staged("package:publish"), approve_staged,
     small},
    {del, "/npm/{tenant}/{repository}/-/stage/{stage}", of_staged("package:publish"), reject_staged, small},

    {get, "/npm/{tenant}/{repository}/-/ping", http::Access::open, ping, plain},
    {get, "/npm/{tenant}/{repository}/-/whoami", http::Access::signed_in, show_name, plain},
    {get, "/npm/{tenant}/{repository}/-/npm/v1/user", http::Access::signed_in, show_profile, plain},
    {get, "/npm/{tenant}/{repository}/-/package/{name+}/visibility", may("package:read"), show_visibility},
    {get, "/npm/{tenant}/{repository}/-/package/{name+}/collaborators", may("package:read"),
     list_collaborators},
    {post, "/npm/{tenant}/{repository}/-/package/{name+}/access", may("package:update"), refuse_access,
     small},
    {get, "/npm/{tenant}/{repository}/-/user/{user}/package", in_repository("package:list"),
     list_packages_of_user},
    {get, "/npm/{tenant}/{repository}/-/org/{scope}/package", in_repository("package:list"),
     list_packages_of_scope},
    {put, "/npm/{tenant}/{repository}/-/team/{scope}/{team}/package", http::Access::signed_in, refuse_access,
     small},
    {del, "/npm/{tenant}/{repository}/-/team/{scope}/{team}/package", http::Access::signed_in, refuse_access,
     small},
    {get, "/npm/{tenant}/{repository}/-/user/{user}", http::Access::signed_in, refuse_owner, plain},

    {get, "/npm/{tenant}/{repository}/-/package/{name+}/trust", may("package:read"), list_trust},
    {post, "/npm/{tenant}/{repository}/-/package/{name+}/trust", may("package:publish"), add_trust, small},
    {del, "/npm/{tenant}/{repository}/-/package/{name+}/trust/{publisher}", may("package:read"),
     revoke_trust},

    {post, "/npm/{tenant}/{repository}/-/v1/login", http::Access::open, begin_web_login, of_terminals},
    {get, "/npm/{tenant}/{repository}/-/v1/done/{secret}", http::Access::open, finish_web_login,
     of_terminals},
    {put, "/npm/{tenant}/{repository}/-/user/{user}", http::Access::open, sign_in, small},
    {del, "/npm/{tenant}/{repository}/-/user/token/{token}", http::Access::signed_in, sign_out, small},
    {get, "/npm/{tenant}/{repository}/-/npm/v1/tokens", http::Access::signed_in, list_tokens, plain},
    {post, "/npm/{tenant}/{repository}/-/npm/v1/tokens", http::Access::signed_in, create_token, small},
    {del, "/npm/{tenant}/{repository}/-/npm/v1/tokens/token/{key}", http::Access::signed_in, revoke_token,
     small},

    {post, "/npm/{tenant}/{repository}/-/npm/v1/oidc/token/exchange/package/{name+}", http::Access::open,
     exchange_token, small},

    {get, "/npm/{tenant}/{repository}/-/v1/search", in_repository("package:list"), search},
    {post, "/npm/{tenant}/{repository}/-/npm/v1/security/advisories/bulk", in_repository("package:list"),
     audit_bulk, taking(limits::npm_audit_bytes)},
    {post, "/npm/{tenant}/{repository}/-/npm/v1/security/audits/quick", in_repository("package:list"),
     audit_quick, taking(limits::npm_audit_bytes)},
    {post, "/npm/{tenant}/{repository}/-/npm/v1/security/audits", in_repository("package:list"), audit_quick,
     taking(limits::npm_audit_bytes)},
    {get, "/npm/{tenant}/{repository}/-/npm/v1/keys", http::Access::open, list_keys, plain},
    {get, "/npm/{tenant}/{repository}/-/npm/v1/attestations/{spec+}",
     http::Access::needs("package:read", {.id = "spec", .repository = "repository", .format = "npm"}),
     fetch_attestations},
};

// Clients look for these at the host, wherever their repository is.
constexpr http::Route root_routes[] = {
    {post, "/-/npm/v1/oidc/token/exchange/package/{name+}", http::Access::open, exchange_token, small},
};

// "@scope/name" is one name, however the slash is written.
bool begins_name(std::string_view segment) {
    return segment.starts_with('@');
}

// Clients keep what is said of a registry by its address without the scheme.
std::vector<std::string> list_client_lines(const packages::ClientSetup& setup) {
    const std::string registry = setup.base + "/npm/" + setup.tenant + '/' + setup.repository + '/';
    const std::string without_scheme = registry.substr(registry.find("//"));
    return {"npm config set registry " + registry,
            "npm config set " + without_scheme + ":_authToken \"$(" + setup.key_command + ")\""};
}

}  // namespace

const packages::Format& format() {
    static constexpr packages::Format described{.name = "npm",
                                                .title = "npm packages",
                                                .guide = "npm.md",
                                                .mount = "/npm/{tenant}/{repository}",
                                                .routes = routes,
                                                .root_routes = root_routes,
                                                .fold_name = fold_name,
                                                .fold_version = fold_version,
                                                .begins_name = begins_name,
                                                .has_indexes = true,
                                                .advisories = &ecosystem,
                                                .client_lines = list_client_lines,
                                                .render_problem = render_problem};
    return described;
}

}  // namespace lodestone::formats::npm
