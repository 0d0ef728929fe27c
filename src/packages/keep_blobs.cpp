// A use, and a row of what is shown, for each blob.
#include "packages/keep_blobs.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "blobs/use.hpp"

namespace lodestone::packages {

std::int64_t keep_blobs(db::Tx& tx, const Publication& publication, const ShownIn& in,
                        std::vector<ShownBlob> needed) {
    std::ranges::sort(needed, {}, &ShownBlob::blob_id);
    const auto twice = std::ranges::unique(needed, {}, &ShownBlob::blob_id);
    needed.erase(twice.begin(), twice.end());
    for (const ShownBlob& blob : needed)
        if (!blobs::use_blob(tx, publication.tenant, in.version, blob.blob_id))
            throw Problem(problems::conflict, "Some bytes of " + publication.package_name + " " +
                                                  publication.version_name +
                                                  " are no longer there: send them again.");
    return show_blobs(tx, publication.tenant, in, needed);
}

}  // namespace lodestone::packages
