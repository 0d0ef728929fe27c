// Where an image is: the tenant, the repository and its name in there, and what it is called to the outside.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "blobs/upload_session.hpp"
#include "formats/oci/reference.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"
#include "packages/directory.hpp"
#include "packages/remove.hpp"

namespace lodestone::formats::oci {

inline constexpr std::string_view token_path = "/v2/token";
inline constexpr std::string_view catalog_path = "/v2/_catalog";
// The one file of each version: the manifest, whose digest is the version's name.
inline constexpr std::string_view manifest_file = "manifest.json";

struct Place {
    TenantId tenant;
    std::shared_ptr<const packages::RepositoryEntry> repository;
    std::string image;

    packages::RepositoryPlace in_repository() const { return {tenant, repository->id}; }
    packages::Removing removing() const { return {.tenant = tenant, .repository = repository, .reason = {}}; }
    // Whoever was promised a blob in this image was promised it in no other.
    std::string lease_scope() const { return repository->id.text() + '/' + image; }
    blobs::UploadPlace for_uploads() const { return {.tenant = tenant, .scope = lease_scope()}; }
    // "acme/images/library/nginx", as clients call it.
    std::string name() const { return tenant.text() + '/' + repository->name + '/' + image; }
    std::string url(std::string_view what) const { return "/v2/" + name() + '/' + std::string(what); }
};

// What the request's path names. Refuses, as NAME_INVALID, what no image can be called.
Place place_of(const http::Request& request);

// "acme/images/library/nginx" taken apart. Nothing for what is no name of an image here.
struct ImageName {
    TenantId tenant;
    std::string repository;
    std::string image;
    bool operator==(const ImageName&) const = default;
};
std::optional<ImageName> parse_full_name(std::string_view text);

// The digest that the path or the query has; refuses what is none, or of an algorithm that is not taken here.
ContentDigest need_digest(std::string_view text);

// Warning: 299 - "…", which clients show to people.
void add_warning(http::Response& response, std::string_view text);
// Link: <…>; rel="next"
void add_next_link(http::Response& response, std::string_view url);

}  // namespace lodestone::formats::oci
