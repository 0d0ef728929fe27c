// What a request for bytes makes of a store: how much of them is read, and whether the client reads them
// there itself.
#pragma once

#include <cstdint>
#include <optional>

#include "base/task.hpp"
#include "blobs/blobs.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::blobs {

// HEAD reads nothing, a range a part, and who has them already mostly nothing.
Extent extent_of(const http::Request& request);

// 307 to where the store has them, where links are given (Blobs::give_links()), to a GET without conditions:
// the store has other entity tags. A range is asked for there again. Whoever calls this has found that the
// client may read them, since the link is good for everybody who has it; so nobody may keep it, or log it.
Task<std::optional<http::Response>> try_redirect(Blobs& blobs, const http::Request& request, BlobKey key,
                                                 std::int64_t size_bytes);

}  // namespace lodestone::blobs
