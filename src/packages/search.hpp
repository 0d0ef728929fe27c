// Search over all that a tenant's repositories hold, whatever their formats: by the beginnings of words in
// names, keywords, descriptions and traits. Words are stored with the package that has them, in the
// transaction that changes it; FTS5 and PostgreSQL's tsvector find them.
//
// It takes two steps, for between them it is asked, once for each repository in which something was found,
// whether whoever searches may see anything in there; and then of each package (api/search.cpp).
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/page.hpp"
#include "db/tx.hpp"
#include "packages/package.hpp"

namespace lodestone::packages {

// After a package was inserted, or its description, keywords or traits changed.
void index_package(db::Tx& tx, const TenantId& tenant, const Package& package);

struct SearchFilters {
    std::optional<std::string> q;  // what is looked for
    std::optional<std::string> format;
    std::optional<std::string> repository;  // its name or id
    std::optional<AppId> app_id;
};
BOOST_DESCRIBE_STRUCT(SearchFilters, (), (q, format, repository, app_id))

// What is asked for, read once. Throws Problem(invalid_input) for what cannot be asked.
struct Search {
    SearchFilters filters;
    std::vector<std::string> words;  // of q; none: nothing is found

    explicit Search(const db::ListRequest& request);
};

struct SearchedRepository {
    RepositoryId id;
    AppId app_id;
    std::string name;
    std::string format;
    bool is_public = false;
    bool is_app_active = false;
};
BOOST_DESCRIBE_STRUCT(SearchedRepository, (), (id, app_id, name, format, is_public, is_app_active))

enum class SearchedAmong : std::uint8_t { all, what_is_public };
// Where something is found. Refuses when that is in more than limits::searched_repositories.
std::vector<SearchedRepository> list_searched_repositories(db::Tx& tx, const TenantId& tenant,
                                                           const Search& search, SearchedAmong among);

struct FoundPackage {
    PackageId id;
    std::string name;
    std::string description;
    std::string keywords;
    std::string traits;
    RepositoryId repository_id;
    std::string repository;
    std::string format;
    AppId app_id;
    Time updated_at{};
    // Where it stands in the order: names that are what was asked for, that begin with it, that have all of
    // its words; then what has them among its keywords too; then the rest. Among equals, by name.
    std::string place;
};
BOOST_DESCRIBE_STRUCT(FoundPackage, (),
                      (id, name, description, keywords, traits, repository_id, repository, format, app_id,
                       updated_at, place))

// Where in the order something stands. Without `place`, where the package of that id does: what is told to
// somebody who may not know what it is called.
struct SearchPoint {
    std::string place;
    std::string id;
};
// The cursor of `request`, or the beginning; refuses that of another list.
SearchPoint search_start(const TenantId& tenant, const Search& search, const db::ListRequest& request);
std::string render_search_point(const TenantId& tenant, const Search& search, const SearchPoint& point);

// In these repositories, and in no others. Throws Problem(invalid_input) where that behind which the list is
// to go on is known by its id alone, and is not found any more.
std::vector<FoundPackage> search_packages(db::Tx& tx, const TenantId& tenant, const Search& search,
                                          std::span<const RepositoryId> repositories,
                                          const SearchPoint& behind, std::int64_t limit);

}  // namespace lodestone::packages
