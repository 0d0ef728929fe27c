// What a request's path names.
#pragma once

#include <memory>
#include <string>

#include "formats/pypi/names.hpp"
#include "http/server/request.hpp"
#include "packages/directory.hpp"
#include "packages/fetch.hpp"

namespace lodestone::formats::pypi {

struct Place {
    TenantId tenant;
    std::shared_ptr<const packages::RepositoryEntry> repository;

    explicit Place(const http::Request& request)
        : tenant(TenantId::trusted(request.parameter("tenant"))),
          repository(packages::repository_of(request)) {}
    packages::RepositoryPlace in_repository() const { return {tenant, repository->id}; }
};

// "/pypi/acme/python", as it is called whatever way the request did.
std::string path_of(const Place& place);

}  // namespace lodestone::formats::pypi
