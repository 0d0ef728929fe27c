// Traits of versions, and what their packages have of them.
#include "packages/traits.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/package_limits.hpp"
#include "packages/property.hpp"
#include "packages/search.hpp"
#include "packages/text_list.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

using OfVersion = db::Query<std::string, TenantId, RepositoryId, PackageId, VersionId>;

const OfVersion hide{"trait.hide",
                     "UPDATE properties SET name = 'lost-' || name "
                     "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4 "
                     "  AND name LIKE 'trait:%' RETURNING value"};
const OfVersion show{"trait.show",
                     "UPDATE properties SET name = substr(name, 6) "
                     "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4 "
                     "  AND name LIKE 'lost-trait:%' RETURNING value"};
const OfVersion remove{"trait.remove",
                       "DELETE FROM properties "
                       "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4 "
                       "  AND name LIKE 'trait:%' RETURNING value"};
static_assert(trait_property == "trait:", "the statements above say so");

const db::Query<std::string, TenantId, RepositoryId, PackageId, std::string, std::string> find{
    "trait.find",
    "SELECT value FROM properties WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND name = $4 AND value = $5 LIMIT 1"};

std::string name_of(std::string_view trait) {
    return std::string(trait_property) + std::string(trait);
}

bool is_fine(const std::string& trait) {
    return !trait.empty() && trait.size() <= limits::trait_bytes;
}

// What no version has any more leaves the row.
void take_lost(Tx& tx, const PackagePlace& place, Package& package,
               const std::vector<std::string>& candidates) {
    std::vector<std::string> traits = list_texts(package.traits);
    for (const std::string& trait : candidates)
        if (!tx.maybe(find, place.tenant, place.repository, place.package, name_of(trait), trait))
            std::erase(traits, trait);
    package.traits = render_text_list(traits);
}

void change_traits(Tx& tx, const PackagePlace& place, const auto& change) {
    std::optional<Package> package = find_package(tx, place.in_repository(), place.package);
    if (!package) return;
    const std::string before = package->traits;
    change(*package);
    if (package->traits == before) return;
    update_package(tx, place.in_repository(), *package);
    index_package(tx, place.tenant, *package);
}

}  // namespace

void add_traits(Package& package, std::span<const std::string> more) {
    if (more.empty()) return;
    std::vector<std::string> traits = list_texts(package.traits);
    for (const std::string& trait : more)
        if (is_fine(trait) && traits.size() < limits::package_traits &&
            std::ranges::count(traits, trait) == 0)
            traits.push_back(trait);
    std::ranges::sort(traits);
    package.traits = render_text_list(traits);
}

void put_traits(Tx& tx, const VersionPlace& place, std::span<const std::string> traits) {
    std::size_t left = limits::package_traits;
    for (const std::string& trait : traits)
        if (is_fine(trait) && left > 0) {
            put_property(tx, place, name_of(trait), trait);
            --left;
        }
}

void replace_traits(Tx& tx, const VersionPlace& place, Package& package) {
    const PackagePlace& in = place.package;
    const std::vector<std::string> gone = tx.all(remove, in.tenant, in.repository, in.package, place.version);
    if (!gone.empty()) take_lost(tx, in, package, gone);
}

void hide_traits(Tx& tx, const VersionPlace& place) {
    const PackagePlace& in = place.package;
    const std::vector<std::string> gone = tx.all(hide, in.tenant, in.repository, in.package, place.version);
    if (!gone.empty()) change_traits(tx, in, [&](Package& package) { take_lost(tx, in, package, gone); });
}

void show_traits(Tx& tx, const VersionPlace& place) {
    const PackagePlace& in = place.package;
    const std::vector<std::string> back = tx.all(show, in.tenant, in.repository, in.package, place.version);
    if (!back.empty()) change_traits(tx, in, [&](Package& package) { add_traits(package, back); });
}

}  // namespace lodestone::packages
