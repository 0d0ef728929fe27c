// The statements of search, each of which begins at the index of words.
#include "packages/search.hpp"

#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "db/listing.hpp"
#include "packages/search_words.hpp"
#include "packages/text_list.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

// One process publishes to a SQLite file, so a number names a package in all of it.
const db::Command<TenantId, std::int64_t, std::string, std::string, std::string> put_words{
    "search.put_words",
    db::Sql("INSERT INTO package_words (tenant_id, number, name, keywords, words) "
            "VALUES ($1, $2, $3, $4, array_to_tsvector(string_to_array($5, ' '))) "
            "ON CONFLICT (tenant_id, number) "
            "DO UPDATE SET name = excluded.name, keywords = excluded.keywords, words = excluded.words",
            "INSERT OR REPLACE INTO package_words (rowid, name, keywords, words) "
            "SELECT number, $3, $4, $5 FROM packages WHERE tenant_id = $1 AND number = $2")};

const db::Query<SearchedRepository, TenantId, std::string, std::optional<std::string>,
                std::optional<std::string>, std::optional<AppId>, bool, std::int64_t>
    list_where_found{
        "search.list_where_found",
        db::Sql("SELECT r.id, r.app_id, r.name, r.format, (r.visibility = 'public') AS is_public, "
                "       (a.status = 'active') AS is_app_active "
                "FROM repositories AS r JOIN apps AS a ON a.tenant_id = r.tenant_id AND a.id = r.app_id "
                "WHERE r.tenant_id = $1 AND r.deleted_at IS NULL AND a.deleted_at IS NULL "
                "  AND ($3 IS NULL OR r.format = $3) AND ($4 IS NULL OR r.name = $4 OR r.id = $4) "
                "  AND ($5 IS NULL OR r.app_id = $5) AND (NOT $6 OR r.visibility = 'public') "
                "  AND r.id IN (SELECT p.repository_id FROM package_words AS w "
                "               JOIN packages AS p ON p.tenant_id = w.tenant_id AND p.number = w.number "
                "               WHERE w.tenant_id = $1 AND w.words @@ CAST($2 AS tsquery) AND p.deleted_at "
                "IS NULL) "
                "ORDER BY r.id LIMIT $7",
                "SELECT r.id, r.app_id, r.name, r.format, (r.visibility = 'public') AS is_public, "
                "       (a.status = 'active') AS is_app_active "
                "FROM repositories AS r JOIN apps AS a ON a.tenant_id = r.tenant_id AND a.id = r.app_id "
                "WHERE r.tenant_id = $1 AND r.deleted_at IS NULL AND a.deleted_at IS NULL "
                "  AND ($3 IS NULL OR r.format = $3) AND ($4 IS NULL OR r.name = $4 OR r.id = $4) "
                "  AND ($5 IS NULL OR r.app_id = $5) AND (NOT $6 OR r.visibility = 'public') "
                "  AND r.id IN (SELECT p.repository_id FROM package_words AS w CROSS JOIN packages AS p "
                "               WHERE w.package_words MATCH $2 AND p.tenant_id = $1 AND p.number = w.rowid "
                "                 AND p.deleted_at IS NULL) "
                "ORDER BY r.id LIMIT $7")};

// $3: the words as they would stand in a name that is just these; $4: as a list; $5: repositories; $6, $7:
// place and id of what the list goes on behind, or its id alone.
const db::Query<FoundPackage, TenantId, std::string, std::string, std::string, std::string, std::string,
                std::string, std::int64_t>
    find_packages{
        "search.find_packages",
        db::Sql(
            "WITH found AS (SELECT p.id, p.name, p.description, p.keywords, p.traits, p.repository_id, "
            "r.name AS "
            "repository, "
            "             r.format, r.app_id, p.updated_at, "
            "             (CASE WHEN w.name = $3 THEN '0' "
            "                   WHEN substr(w.name, 1, length($3)) = $3 THEN '1' "
            "                   WHEN NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text($4::jsonb) AS "
            "a(word) "
            "                                    WHERE ' ' || w.name NOT LIKE '% ' || a.word || '%') THEN "
            "'2' "
            "                   WHEN NOT EXISTS (SELECT 1 FROM jsonb_array_elements_text($4::jsonb) AS "
            "a(word) "
            "                                    WHERE ' ' || w.name || ' ' || w.keywords "
            "                                          NOT LIKE '% ' || a.word || '%') THEN '3' "
            "                   ELSE '4' END || p.name_key) COLLATE \"C\" AS place "
            "      FROM package_words AS w "
            "      JOIN packages AS p ON p.tenant_id = w.tenant_id AND p.number = w.number "
            "      JOIN repositories AS r ON r.tenant_id = p.tenant_id AND r.id = p.repository_id "
            "      WHERE w.tenant_id = $1 AND w.words @@ CAST($2 AS tsquery) AND p.deleted_at IS NULL "
            "        AND r.deleted_at IS NULL "
            "        AND r.id IN (SELECT jsonb_array_elements_text($5::jsonb))) "
            "SELECT id, name, description, keywords, traits, repository_id, repository, format, app_id, "
            "       updated_at, place "
            "FROM found "
            "WHERE (place, id) > (CASE WHEN $6 <> '' THEN $6 WHEN $7 = '' THEN '' "
            "                          ELSE (SELECT min(b.place) FROM found AS b WHERE b.id = $7) END, $7) "
            "ORDER BY place, id LIMIT $8",
            "WITH found AS (SELECT p.id, p.name, p.description, p.keywords, p.traits, p.repository_id, "
            "r.name AS "
            "repository, "
            "             r.format, r.app_id, p.updated_at, "
            "             CASE WHEN w.name = $3 THEN '0' "
            "                  WHEN substr(w.name, 1, length($3)) = $3 THEN '1' "
            "                  WHEN NOT EXISTS (SELECT 1 FROM json_each($4) AS a "
            "                                   WHERE ' ' || w.name NOT LIKE '% ' || a.value || '%') THEN "
            "'2' "
            "                  WHEN NOT EXISTS (SELECT 1 FROM json_each($4) AS a "
            "                                   WHERE ' ' || w.name || ' ' || w.keywords "
            "                                         NOT LIKE '% ' || a.value || '%') THEN '3' "
            "                  ELSE '4' END || p.name_key AS place "
            "      FROM package_words AS w CROSS JOIN packages AS p CROSS JOIN repositories AS r "
            "      WHERE w.package_words MATCH $2 AND p.tenant_id = $1 AND p.number = w.rowid "
            "        AND p.deleted_at IS NULL AND r.tenant_id = p.tenant_id AND r.id = p.repository_id "
            "        AND r.deleted_at IS NULL "
            "        AND r.id IN (SELECT value FROM json_each($5))) "
            "SELECT id, name, description, keywords, traits, repository_id, repository, format, app_id, "
            "       updated_at, place "
            "FROM found "
            "WHERE (place, id) > (CASE WHEN $6 <> '' THEN $6 WHEN $7 = '' THEN '' "
            "                          ELSE (SELECT min(b.place) FROM found AS b WHERE b.id = $7) END, $7) "
            "ORDER BY place, id LIMIT $8")};

// Whether what a list goes on behind by its id alone ($4) is still found, in the repositories of $3.
const db::Query<std::string, TenantId, std::string, std::string, std::string> find_point{
    "search.find_point",
    db::Sql("SELECT p.id FROM package_words AS w "
            "JOIN packages AS p ON p.tenant_id = w.tenant_id AND p.number = w.number "
            "JOIN repositories AS r ON r.tenant_id = p.tenant_id AND r.id = p.repository_id "
            "WHERE w.tenant_id = $1 AND w.words @@ CAST($2 AS tsquery) AND p.id = $4 "
            "  AND p.deleted_at IS NULL AND r.deleted_at IS NULL "
            "  AND r.id IN (SELECT jsonb_array_elements_text($3::jsonb))",
            "SELECT p.id FROM package_words AS w CROSS JOIN packages AS p CROSS JOIN repositories AS r "
            "WHERE w.package_words MATCH $2 AND p.tenant_id = $1 AND p.number = w.rowid AND p.id = $4 "
            "  AND p.deleted_at IS NULL AND r.tenant_id = p.tenant_id AND r.id = p.repository_id "
            "  AND r.deleted_at IS NULL AND r.id IN (SELECT value FROM json_each($3))")};

constexpr std::string_view by_rank = "rank";

// The texts of a stored list, one after the other.
std::string text_of_list(const std::string& stored) {
    std::string text;
    for (const std::string& one : list_texts(stored)) text += ' ' + one;
    return text;
}

}  // namespace

void index_package(Tx& tx, const TenantId& tenant, const Package& package) {
    const std::string keyword_text = text_of_list(package.keywords);
    std::vector<std::string> all = split_words(
        package.name + ' ' + keyword_text + ' ' + text_of_list(package.traits) + ' ' + package.description,
        limits::package_words);
    all.insert(all.begin(), tenant_word(tenant));
    tx.send(put_words, tenant, package.number, join_words(split_words(package.name, limits::package_words)),
            join_words(split_words(keyword_text, limits::package_words)), join_words(all));
}

Search::Search(const db::ListRequest& request) : filters(db::parse_filters<SearchFilters>(request.filters)) {
    if (!request.sort.empty() && request.sort != by_rank) db::refuse_sort(request.sort, {by_rank});
    if (!filters.q)
        throw Problem(problems::invalid_input, "Say what to search for: the query's parameter q is missing.");
    words = split_words(*filters.q, limits::asked_words + 1);
    if (words.size() > limits::asked_words)
        throw Problem(problems::invalid_input, "The query's parameter q has too many words: " +
                                                   std::to_string(limits::asked_words) + " are the most.");
}

std::vector<SearchedRepository> list_searched_repositories(Tx& tx, const TenantId& tenant,
                                                           const Search& search, SearchedAmong among) {
    if (search.words.empty()) return {};
    const SearchFilters& filters = search.filters;
    std::vector<SearchedRepository> found =
        tx.all(list_where_found, tenant, render_match(tx.engine(), tenant, search.words), filters.format,
               filters.repository, filters.app_id, among == SearchedAmong::what_is_public,
               limits::searched_repositories + 1);
    if (static_cast<std::int64_t>(found.size()) > limits::searched_repositories)
        throw Problem(problems::invalid_input,
                      "That is found in more than " + std::to_string(limits::searched_repositories) +
                          " repositories: search in one of them, in an app, or for more words.");
    return found;
}

SearchPoint search_start(const TenantId& tenant, const Search& search, const db::ListRequest& request) {
    const std::string listing = db::listing_name(find_packages, search.filters, tenant);
    auto [place, id] = db::page_start<std::string>(request, listing, false);
    return {.place = std::move(place), .id = std::move(id)};
}

std::string render_search_point(const TenantId& tenant, const Search& search, const SearchPoint& point) {
    return db::render_cursor({.key = point.place, .id = point.id},
                             db::listing_name(find_packages, search.filters, tenant));
}

std::vector<FoundPackage> search_packages(Tx& tx, const TenantId& tenant, const Search& search,
                                          std::span<const RepositoryId> repositories,
                                          const SearchPoint& behind, std::int64_t limit) {
    if (search.words.empty() || repositories.empty()) return {};
    std::vector<std::string> ids;
    for (const RepositoryId& one : repositories) ids.push_back(one.text());
    const std::string among = render_text_list(ids);
    std::vector<FoundPackage> found = tx.all(
        find_packages, tenant, render_match(tx.engine(), tenant, search.words), join_words(search.words),
        render_text_list(search.words), among, behind.place, behind.id, limit);
    // Behind what has gone there is nothing, and that is not the end.
    if (found.empty() && behind.place.empty() && !behind.id.empty() &&
        !tx.maybe(find_point, tenant, render_match(tx.engine(), tenant, search.words), among, behind.id))
        throw Problem(problems::invalid_input,
                      "The list has changed: ask for it from its beginning again, without a cursor.");
    return found;
}

}  // namespace lodestone::packages
