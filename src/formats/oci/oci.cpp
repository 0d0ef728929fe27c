// The OCI distribution protocol, 1.1, with Docker's schema 2 and its lists.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md
//
// An image is called TENANT/REPOSITORY/NAME, and NAME may have parts of its own. It is a package; each of its
// manifests is a version, called by its digest, and tags are tags. What a manifest names are blobs that the
// version keeps; what was uploaded and is not named yet is promised to the image for an hour.
#include "formats/oci/oci.hpp"

#include "base/image_limits.hpp"
#include "formats/oci/fallback_tag.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/lookup.hpp"
#include "formats/oci/place.hpp"
#include "formats/oci/problems.hpp"

namespace lodestone::formats::oci {

namespace {

using http::Request;
using http::Response;
using enum http::Method;

// What every answer of this protocol says of it.
template <http::Handler handler>
Task<Response> versioned(Context& context, Request& request) {
    Response response = co_await handler(context, request);
    response.headers.set("Docker-Distribution-Api-Version", "registry/2.0");
    co_return response;
}

// Whoever leaves out the tenant or the repository gets here.
Task<Response> refuse_name(Context&, Request&) {
    throw Problem(name_unknown,
                  "There is nothing at this address: images are called TENANT/REPOSITORY/NAME here.");
    co_return Response::empty();
}

constexpr http::Access may(std::string_view permission) {
    return http::Access::needs(permission, {.id = "image", .repository = "repository", .format = "oci"});
}

constexpr http::RouteOptions taking(std::uint64_t body_bytes) {
    return {.body_limit_bytes = body_bytes};
}
constexpr http::RouteOptions plain = taking(limits::body_bytes);
constexpr http::RouteOptions blob = taking(limits::image_blob_bytes);

constexpr http::Route routes[] = {
    {get, "/v2/", http::Access::open, versioned<check_version>, plain},
    {get, token_path, http::Access::open, versioned<give_token>, plain},
    {post, token_path, http::Access::open, versioned<give_posted_token>, taking(limits::token_form_bytes)},
    {get, catalog_path, http::Access::signed_in, versioned<list_catalog>, plain},

    {get, "/v2/{tenant}/{repository}/{image...}/blobs/{digest}", may("package:download"),
     versioned<fetch_blob>, plain},
    {del, "/v2/{tenant}/{repository}/{image...}/blobs/{digest}", may("package:delete"),
     versioned<delete_blob>, plain},

    {post, "/v2/{tenant}/{repository}/{image...}/blobs/uploads/", may("package:publish"),
     versioned<begin_upload>, blob},
    {post, "/v2/{tenant}/{repository}/{image...}/blobs/uploads", may("package:publish"),
     versioned<begin_upload>, blob},
    {patch, "/v2/{tenant}/{repository}/{image...}/blobs/uploads/{upload}", may("package:publish"),
     versioned<append_upload>, blob},
    {put, "/v2/{tenant}/{repository}/{image...}/blobs/uploads/{upload}", may("package:publish"),
     versioned<finish_upload>, blob},
    {get, "/v2/{tenant}/{repository}/{image...}/blobs/uploads/{upload}", may("package:publish"),
     versioned<show_upload>, plain},
    {del, "/v2/{tenant}/{repository}/{image...}/blobs/uploads/{upload}", may("package:publish"),
     versioned<cancel_upload>, plain},

    {get, "/v2/{tenant}/{repository}/{image...}/manifests/{reference}", may("package:download"),
     versioned<fetch_manifest>, plain},
    {put, "/v2/{tenant}/{repository}/{image...}/manifests/{reference}", may("package:publish"),
     versioned<push_manifest>, taking(limits::manifest_bytes)},
    {del, "/v2/{tenant}/{repository}/{image...}/manifests/{reference}", may("package:delete"),
     versioned<delete_manifest>, plain},

    {get, "/v2/{tenant}/{repository}/{image...}/tags/list", may("package:read"), versioned<list_tags>, plain},
    {get, "/v2/{tenant}/{repository}/{image...}/referrers/{digest}", may("package:read"),
     versioned<list_referrers>, plain},

    {get, "/v2/{name...}", http::Access::open, refuse_name, plain},
    {post, "/v2/{name...}", http::Access::open, refuse_name, plain},
    {post, "/v2/{name...}/", http::Access::open, refuse_name, plain},
    {put, "/v2/{name...}", http::Access::open, refuse_name, plain},
};

}  // namespace

const packages::Format& format() {
    static constexpr std::string_view companions[] = {subject_property};
    static constexpr packages::Format described{.name = "oci",
                                                .title = "OCI images and artefacts",
                                                .guide = "images.md",
                                                .mount = "/v2/{tenant}/{repository}",
                                                .routes = routes,
                                                .companion_properties = companions,
                                                .companion_of_tag = parse_fallback_tag,
                                                .render_problem = render_problem};
    return described;
}

}  // namespace lodestone::formats::oci
