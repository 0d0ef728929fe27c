// Sweeping: bytes in the store that nothing in the database names, and that are old enough for it, are
// removed. A crash between storing and entering leaves such, and so does whoever heals what was quarantined.
// Names are made new each time, so that what is unnamed now, and is a day old, stays so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/metrics.hpp"
#include "base/task.hpp"
#include "blobs/blobs.hpp"

namespace lodestone::blobs {

struct Swept {
    std::int64_t removed = 0;
    // That were stored before this database was begun: of another one, and left alone.
    std::int64_t of_another_database = 0;
};

class Sweeper {
  public:
    explicit Sweeper(Blobs& blobs);

    // The 256th part of what is stored.
    Task<Swept> sweep(std::uint8_t slice);
    // Drafts whose upload has gone without them.
    Task<Swept> sweep_drafts();
    // The slice whose turn it is at that time, or that of the first one that has missed it: each has its turn
    // once a day. Nothing: it has had it.
    std::optional<std::uint8_t> next_slice(Time now);

  private:
    Task<Swept> sweep_keys(std::string slice);
    Task<Swept> sweep_rests(std::string slice);
    struct Choice {
        std::vector<BlobId> removed;
        std::int64_t of_another_database = 0;
    };
    Task<Choice> choose(std::vector<BlobId> ids);

    Blobs& blobs_;
    std::optional<std::uint8_t> last_slice_;
    // By slice: what had no name when it was looked at last, and since when that is known.
    std::map<std::string, std::map<BlobId, Time>> unnamed_rests_;
    Counter& removed_;
};

}  // namespace lodestone::blobs
