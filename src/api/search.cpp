// Search over HTTP. Its address is open, since what is public is everybody's to find: who asks is looked at
// here, and each repository in which something was found is judged as if its packages were listed.
#include "api/search.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/noun_calls.hpp"
#include "identity/identity.hpp"
#include "packages/search.hpp"

namespace lodestone::api {

using packages::AppId;
using packages::PackageId;
using packages::RepositoryId;

struct SearchFilters {
    static constexpr std::array<std::string_view, 1> sorts{"rank"};
    SearchText q;
    std::optional<Text<limits::name_bytes>> format;
    SearchText repository;
    std::optional<AppId> app_id;
};
BOOST_DESCRIBE_STRUCT(SearchFilters, (), (q, format, repository, app_id))

struct FoundPackageView {
    PackageId id;
    std::string name;
    std::string description;
    StoredList keywords;
    std::string repository;
    RepositoryId repository_id;
    std::string format;
    AppId app_id;
    Time updated_at{};
};
BOOST_DESCRIBE_STRUCT(FoundPackageView, (),
                      (id, name, description, keywords, repository, repository_id, format, app_id,
                       updated_at))

namespace {

using db::Tx;
using packages::Search;
using packages::SearchedAmong;
using packages::SearchedRepository;

// The same question as that of a list of the repository's packages.
Task<bool> may_list(Call& call, const TenantId& tenant, const SearchedRepository& repository) {
    identity::RepositoryFacts facts;
    facts.id = repository.id;
    facts.app = repository.app_id;
    facts.name = repository.name;
    facts.format = repository.format;
    facts.is_public = repository.is_public;
    facts.is_app_active = repository.is_app_active;
    identity::Resource resource;
    resource.tenant = tenant;
    resource.type = "package";
    identity::place_in_repository(resource, &facts, facts.name);
    const identity::Decision decision = co_await call.identity().gate.judge(
        call.request().principal, "package:list", resource, call.request());
    co_return decision.is_allowed;
}

Task<Listed<FoundPackageView>> search_packages(Call& call, ListQuery<SearchFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    const Search search(query.request);
    http::Request& request = call.request();
    request.principal = co_await call.identity().gate.identify(request);
    const SearchedAmong among =
        request.principal->tenant == tenant ? SearchedAmong::all : SearchedAmong::what_is_public;
    auto look = [&](Tx& tx) { return packages::list_searched_repositories(tx, tenant, search, among); };
    const std::vector<SearchedRepository> candidates = co_await call.read(look);
    std::vector<RepositoryId> readable;
    for (const SearchedRepository& one : candidates) {
        const bool is_readable = co_await may_list(call, tenant, one);
        if (is_readable) readable.push_back(one.id);
    }
    auto list = [&](Tx& tx) {
        return packages::search_packages(tx, tenant, search, readable, query.request);
    };
    co_return co_await list_found<FoundPackageView>(call, list);
}

// Open, and whoever says who they are gets what they may list.
constexpr http::Access open_to_listers{http::Access::Kind::open, "package:list", {}};

constexpr Endpoint endpoints[] = {
    endpoint<search_packages>(
        http::Method::get, "/api/v1/tenants/{tenant}/search", open_to_listers, "searchPackages",
        "Searches all repositories whose packages whoever asks may list, for words of names, keywords and "
        "descriptions."),
};

}  // namespace

std::span<const Endpoint> search_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
