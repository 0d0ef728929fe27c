// What the API's calls about packages share: where the path says that one is, and how it is shown.
#pragma once

#include <boost/describe/class.hpp>
#include <memory>
#include <optional>
#include <string>

#include "api/noun_calls.hpp"
#include "api/outsiders.hpp"
#include "packages/directory.hpp"
#include "packages/package.hpp"
#include "packages/version.hpp"

namespace lodestone::api {

using packages::PackageId;
using packages::VersionId;
using packages::VersionState;

struct PackageView : Stamped {
    PackageId id;
    std::string name;
    std::string description;
    StoredList keywords;
    // What publications say where people say something else.
    std::optional<std::string> published_description;
    std::optional<StoredList> published_keywords;
    StoredList traits;
    JsonObject metadata;
    Time first_published_at{};
};
BOOST_DESCRIBE_STRUCT(PackageView, (Stamped),
                      (id, name, description, keywords, published_description, published_keywords, traits,
                       metadata, first_published_at))

// For make_view().
inline void carry(const std::optional<std::string>& from, std::optional<StoredList>& to) {
    to.reset();
    if (from) to = StoredList{.text = *from};
}

struct VersionView : Stamped {
    VersionId id;
    std::string name;
    VersionState state{};
    std::string yank_reason;
    std::string deprecation;
    std::int64_t size_bytes = 0;
    std::int64_t file_count = 0;
    JsonObject facts;
    JsonObject metadata;
    Time published_at{};
    std::string published_by;
    Time first_published_at{};  // something of that name
};
BOOST_DESCRIBE_STRUCT(VersionView, (Stamped),
                      (id, name, state, yank_reason, deprecation, size_bytes, file_count, facts, metadata,
                       published_at, published_by, first_published_at))

inline void leave_out_insides(VersionView& view) {
    leave_out_insides(static_cast<Stamped&>(view));
    view.published_by.clear();
}

// Of a route whose access column names the repository.
struct InRepository {
    TenantId tenant;
    std::shared_ptr<const packages::RepositoryEntry> repository;

    explicit InRepository(const Call& call)
        : tenant(call.id<TenantId>("tenant")), repository(packages::repository_of(call.request())) {}
    packages::RepositoryPlace place() const { return {tenant, repository->id}; }
    // As scopes and policies see it.
    identity::Resource resource_of(std::string name) const {
        identity::Resource resource{.tenant = tenant,
                                    .type = "package",
                                    .id = std::move(name),
                                    .app = {},
                                    .tags = {},
                                    .attributes = {}};
        identity::place_in_repository(resource, repository.get(), repository->name);
        return resource;
    }
};

// Where the call's package is; any spelling of its name finds it.
struct PackageOfCall : InRepository {
    std::string name;
    std::string key;

    explicit PackageOfCall(const Call& call) : InRepository(call), name(call.request().parameter("package")) {
        key = packages::fold_package_name(*repository->described, name);
    }
    std::optional<packages::Package> operator()(db::Tx& tx) const {
        return packages::find_package_by_key(tx, place(), key);
    }
    packages::PackagePlace need(db::Tx& tx) const {
        const std::optional<packages::Package> package = (*this)(tx);
        if (!package) db::refuse_absent("package", name);
        return {tenant, repository->id, package->id};
    }
};

}  // namespace lodestone::api
