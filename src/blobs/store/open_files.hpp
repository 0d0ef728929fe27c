// How many files the store holds open for those who send and fetch: each of them takes a descriptor besides
// its connection, and the connections, the database and the log must not go without for that.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "base/problem.hpp"

namespace lodestone::blobs {

class OpenFiles {
  public:
    explicit OpenFiles(std::size_t most) : most_(most) {}
    // Given back with its last copy, be the store gone or not.
    using Place = std::shared_ptr<const void>;

    // Throws Problem(unavailable) when all are taken.
    Place take() const {
        if (count_->fetch_add(1) >= most_) {
            count_->fetch_sub(1);
            throw Problem(
                problems::unavailable,
                "The server sends and takes as many files as it can just now; try again in a moment.")
                .with_header("Retry-After", "1");
        }
        return {count_.get(), [count = count_](const void*) { count->fetch_sub(1); }};
    }
    std::size_t count() const { return count_->load(); }

  private:
    const std::size_t most_;
    std::shared_ptr<std::atomic<std::size_t>> count_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace lodestone::blobs
