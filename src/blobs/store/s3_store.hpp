// Bytes as objects in a bucket of an S3-compatible store, which all nodes share.
#pragma once

#include <memory>

#include "base/context.hpp"
#include "blobs/store/s3_bucket.hpp"
#include "blobs/store/store.hpp"

namespace lodestone {
class WorkerThreads;
}

namespace lodestone::blobs {

// Throws Problem(invalid_input) when the endpoint is none. Asks the store for nothing before it returns;
// whether it answers, find_fault() says a moment later. `client` and `workers`, which hash, outlive the
// store; what nobody waits for runs on `background`, a loop of the client's.
std::unique_ptr<Store> open_s3_store(S3Options options, http::Client& client, WorkerThreads& workers,
                                     LoopExecutor background, Context& context);

}  // namespace lodestone::blobs
