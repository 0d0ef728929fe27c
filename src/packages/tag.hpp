// Tags: names of a package that can be moved from one version to another, such as "latest".
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/page.hpp"
#include "packages/ids.hpp"

namespace lodestone::db {
class Tx;
}

namespace lodestone::packages {

struct Tag {
    std::string name;
    VersionId version_id;
    std::string version_name;
    Time updated_at{};
    std::string updated_by;

    bool operator==(const Tag&) const = default;
};
BOOST_DESCRIBE_STRUCT(Tag, (), (name, version_id, version_name, updated_at, updated_by))

std::optional<Tag> find_tag(db::Tx& tx, const PackagePlace& place, std::string_view name);
// Filters: name (what it begins with). Sorts: name, as bytes.
db::Page<Tag> list_tags(db::Tx& tx, const PackagePlace& place, const db::ListRequest& request);
std::vector<std::string> list_tags_of(db::Tx& tx, const PackagePlace& place, const VersionId& version);
// Sets it, wherever it was. Who and when are filled in.
void put_tag(db::Tx& tx, const PackagePlace& place, Tag& tag);
bool delete_tag(db::Tx& tx, const PackagePlace& place, std::string_view name);
// Those of a version, or all of the package's.
void delete_tags_of(db::Tx& tx, const PackagePlace& place, const VersionId& version);
void delete_all_tags(db::Tx& tx, const PackagePlace& place);

}  // namespace lodestone::packages
