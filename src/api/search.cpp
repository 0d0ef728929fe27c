// Search over HTTP. Its address is open, since what is public is everybody's to find: who asks is looked at
// here, and each package that was found is judged as if it were listed.
#include "api/search.hpp"

#include <array>
#include <boost/describe/class.hpp>
#include <map>

#include "api/noun_calls.hpp"
#include "base/package_limits.hpp"
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
    StoredList traits;
    std::string repository;
    RepositoryId repository_id;
    std::string format;
    AppId app_id;
    Time updated_at{};
};
BOOST_DESCRIBE_STRUCT(FoundPackageView, (),
                      (id, name, description, keywords, traits, repository, repository_id, format, app_id,
                       updated_at))

namespace {

using db::Tx;
using packages::FoundPackage;
using packages::Search;
using packages::SearchedAmong;
using packages::SearchedRepository;

// Looks for what whoever asks may see: the gate is asked once for each repository in which something is found
// whether there can be anything, and then about each package.
class Walk {
  public:
    Walk(Call& call, const TenantId& tenant, const Search& search)
        : call_(call), tenant_(tenant), search_(search) {}

    Task<db::Page<FoundPackage>> list(const db::ListRequest& request) {
        behind_ = packages::search_start(tenant_, search_, request);
        limit_ = db::page_limit(request.limit);
        co_await find_repositories();
        std::int64_t seen = 0;
        for (std::int64_t most = limit_ + 1; !is_over_ && seen < limits::judged_results;
             most = limits::page_rows_most)
            seen += co_await add_round(most);
        if (!is_over_) end_early();
        co_return std::move(page_);
    }

  private:
    Task<> find_repositories() {
        const bool is_own = call_.request().principal->tenant == tenant_;
        auto look = [&](Tx& tx) {
            return packages::list_searched_repositories(
                tx, tenant_, search_, is_own ? SearchedAmong::all : SearchedAmong::what_is_public);
        };
        const std::vector<SearchedRepository> candidates = co_await call_.read(look);
        for (const SearchedRepository& one : candidates) {
            const bool may_find = co_await call_.identity().gate.may_find_some(
                call_.request().principal, "package:list", resource_of(one, {}), call_.request());
            if (!may_find) continue;
            readable_.push_back(one.id);
            repositories_.emplace(one.id, one);
        }
    }

    // Answers how many were looked at.
    Task<std::int64_t> add_round(std::int64_t most) {
        auto find = [&](Tx& tx) {
            return packages::search_packages(tx, tenant_, search_, readable_, behind_, most);
        };
        std::vector<FoundPackage> found = co_await call_.read(find);
        for (FoundPackage& one : found) {
            behind_ = {.place = one.place, .id = one.id.text()};
            const bool is_visible = co_await may_see(one);
            if (is_visible && static_cast<std::int64_t>(page_.items.size()) == limit_) {
                point_behind_last();
                is_over_ = true;
                co_return 0;
            }
            if (is_visible) page_.items.push_back(std::move(one));
        }
        is_over_ = static_cast<std::int64_t>(found.size()) < most;
        co_return static_cast<std::int64_t>(found.size());
    }

    void point_behind_last() {
        const FoundPackage& last = page_.items.back();
        page_.next =
            packages::render_search_point(tenant_, search_, {.place = last.place, .id = last.id.text()});
    }
    // What was looked at last may be nobody's to know, so the cursor does not say what it is called.
    void end_early() {
        if (static_cast<std::int64_t>(page_.items.size()) == limit_) return point_behind_last();
        page_.next = packages::render_search_point(tenant_, search_, {.place = {}, .id = behind_.id});
    }

    // Also what one may list, and a policy forbids to read: a result says as much as reading it does.
    Task<bool> may_see(const FoundPackage& package) {
        identity::Gate& gate = call_.identity().gate;
        const auto& principal = call_.request().principal;
        const auto repository = repositories_.find(package.repository_id);
        if (repository == repositories_.end()) co_return false;
        // Behind the digit that stands in front of it, a place is the package's key.
        const identity::Resource resource = resource_of(repository->second, package.place.substr(1));
        const identity::Decision listing =
            co_await gate.judge(principal, "package:list", resource, call_.request());
        if (!listing.is_allowed) co_return false;
        const identity::Decision reading =
            co_await gate.judge(principal, "package:read", resource, call_.request());
        co_return reading.is_allowed || !reading.rule.starts_with("policy:");
    }

    identity::Resource resource_of(const SearchedRepository& repository, std::string package) const {
        identity::RepositoryFacts facts;
        facts.id = repository.id;
        facts.app = repository.app_id;
        facts.name = repository.name;
        facts.format = repository.format;
        facts.is_public = repository.is_public;
        facts.is_app_active = repository.is_app_active;
        identity::Resource resource;
        resource.tenant = tenant_;
        resource.type = "package";
        resource.id = std::move(package);
        identity::place_in_repository(resource, &facts, facts.name);
        return resource;
    }

    Call& call_;
    const TenantId& tenant_;
    const Search& search_;
    packages::SearchPoint behind_;
    std::int64_t limit_ = 0;
    std::vector<RepositoryId> readable_;
    std::map<RepositoryId, SearchedRepository> repositories_;
    db::Page<FoundPackage> page_;
    bool is_over_ = false;
};

Task<Listed<FoundPackageView>> search_packages(Call& call, ListQuery<SearchFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    const Search search(query.request);
    http::Request& request = call.request();
    request.principal = co_await call.identity().gate.identify(request);
    Walk walk(call, tenant, search);
    const db::Page<FoundPackage> page = co_await walk.list(query.request);
    co_return list_views<FoundPackageView>(
        page, [](const FoundPackage& found) { return make_view<FoundPackageView>(found); });
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
