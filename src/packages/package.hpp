// Packages: what has versions. A package is found by its key, which its format makes of its name; the name
// stays as it was first written.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

struct Package : db::Noun {
    PackageId id;
    std::int64_t number = 0;  // make_number(): what names it in rows that there are many of
    std::string name;
    std::string name_key;
    // As people say, or as its newest version does (describe_package.hpp).
    std::string description;
    std::string keywords = "[]";  // a JSON list of texts, likewise
    // What its newest version says where people say something else; nothing: they do not.
    std::optional<std::string> published_description;
    std::optional<std::string> published_keywords;
    std::string traits = "[]";    // a JSON list of texts: those of its versions (traits.hpp)
    std::string metadata = "{}";  // a JSON object of the client's own
    Time first_published_at{};    // something of that name, whatever was deleted since

    bool operator==(const Package&) const = default;
};
BOOST_DESCRIBE_STRUCT(Package, (db::Noun),
                      (id, number, name, name_key, description, keywords, published_description,
                       published_keywords, traits, metadata, first_published_at))

std::optional<Package> find_package(db::Tx& tx, const RepositoryPlace& place, const PackageId& id);
std::optional<Package> find_package_by_key(db::Tx& tx, const RepositoryPlace& place, std::string_view key);
// The same, refused with Problem(not_found) where there is none.
Package need_package(db::Tx& tx, const RepositoryPlace& place, std::string_view key);
std::optional<Package> find_deleted_package(db::Tx& tx, const RepositoryPlace& place, const PackageId& id);
// Filters: name (what its key begins with), search (what key or description hold). Sorts: name, updated_at,
// -updated_at.
db::Page<Package> list_packages(db::Tx& tx, const RepositoryPlace& place, const db::ListRequest& request);

// These write the row and nothing else: publishing and removing, which know what goes with it, record it. Of
// insert_package() false means that somebody else has the name; without a first publication it is this one.
bool insert_package(db::Tx& tx, const RepositoryPlace& place, Package& package);
void update_package(db::Tx& tx, const RepositoryPlace& place, Package& package);
void mark_package_deleted(db::Tx& tx, const RepositoryPlace& place, Package& package);
// False: there is another one of that name by now.
bool mark_package_restored(db::Tx& tx, const RepositoryPlace& place, Package& package);

}  // namespace lodestone::packages
