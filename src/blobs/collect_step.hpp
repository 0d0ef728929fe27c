// Collecting, as far as it is SQL: one bounded transaction each. docs/adr/0015-blobs.md says why it cannot
// take a blob away from somebody who needs it.
#pragma once

#include <boost/describe/class.hpp>
#include <chrono>
#include <span>
#include <vector>

#include "blobs/blob.hpp"
#include "db/tx.hpp"

namespace lodestone::blobs {

struct Review {
    std::int64_t reviewed = 0;  // none: nothing is left to look at
    std::int64_t kept = 0;      // somebody needs them, or was promised them
    std::int64_t condemned = 0;
    std::vector<Blob> doomed;  // deleting: their bytes are to be removed, after the commit
};
// Looks at blobs whose review has come, those first that have waited longest.
Review review_blobs(db::Tx& tx, std::chrono::microseconds grace);
// After their bytes were removed. Answers how many rows went.
std::int64_t forget_blobs(db::Tx& tx, std::span<const Blob> blobs);

// Has those reviewed, of the 256th part of all digests, that nobody uses although nobody has released them: a
// purge of a whole tenant leaves such. Answers how many.
std::int64_t review_slice(db::Tx& tx, std::uint8_t slice);

// What a run would find now; nothing is changed.
struct CollectionPlan {
    std::int64_t to_review = 0;
    std::int64_t to_condemn = 0;
    std::int64_t to_delete = 0;
    std::int64_t to_delete_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(CollectionPlan, (), (to_review, to_condemn, to_delete, to_delete_bytes))
CollectionPlan plan_collection(db::Tx& tx);

}  // namespace lodestone::blobs
