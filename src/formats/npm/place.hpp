// Where a package is: the tenant, the repository and its name in there, and its addresses.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/context.hpp"
#include "http/server/request.hpp"
#include "identity/rules/resource.hpp"
#include "packages/directory.hpp"
#include "packages/index.hpp"
#include "packages/remove.hpp"
#include "packages/tagging.hpp"

namespace lodestone::formats::npm {

struct Place {
    TenantId tenant;
    std::shared_ptr<const packages::RepositoryEntry> repository;
    std::string name;

    packages::RepositoryPlace in_repository() const { return {tenant, repository->id}; }
    packages::PackagePlace in_package(const packages::Package& package) const {
        return {tenant, repository->id, package.id};
    }
    packages::Removing removing(std::string reason = {}) const {
        return {.tenant = tenant, .repository = repository, .reason = std::move(reason)};
    }
    packages::TaggedIn tagged(const packages::Package& package) const {
        return {.tenant = tenant, .repository = *repository, .package = package};
    }
};

// What the request's path names. Refuses, as 404 where something is only asked for, what no package can be
// called.
Place place_of(const http::Request& request);

// What the gate is asked about where the path does not name it.
identity::Resource resource_of(const Place& place);

// Without a slash at its end: "https://registry.example/npm/acme/packages".
std::string registry_address(const packages::IndexSubject& subject);

// {"ok": true} and what else there is to say, each behind a comma.
http::Response answer_ok(int status, std::string_view more = {});

// {"error": "…", "reason": "…"}, as clients print it.
http::Response render_problem(const Problem& problem, const http::Request& request);

}  // namespace lodestone::formats::npm
