// Downloads: how often versions were fetched, by days and in all. They are added up in memory
// (count_downloads.hpp) and written many at a time; what several nodes write, the database adds.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "packages/ids.hpp"

namespace lodestone::db {
class Tx;
}

namespace lodestone::packages {

// Since 1970, in UTC.
std::int64_t day_of(Time time);
Time begin_of_day(std::int64_t day);

// What is added to a version's.
struct DownloadCount {
    TenantId tenant_id;
    RepositoryId repository_id;
    PackageId package_id;
    VersionId version_id;
    std::int64_t day = 0;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(DownloadCount, (), (tenant_id, repository_id, package_id, version_id, day, count))

// Of versions that have been purged meanwhile nothing is kept.
void add_downloads(db::Tx& tx, std::span<const DownloadCount> counts);

struct Downloads {
    std::int64_t count = 0;
    std::optional<std::int64_t> last_day;  // none: never

    bool operator==(const Downloads&) const = default;
};

// In the order of what is asked about.
std::vector<Downloads> list_downloads(db::Tx& tx, const PackagePlace& place,
                                      std::span<const VersionId> versions);
// All versions of each package together, also of those that are deleted and not yet purged.
std::vector<Downloads> list_downloads(db::Tx& tx, const RepositoryPlace& place,
                                      std::span<const PackageId> packages);

}  // namespace lodestone::packages
