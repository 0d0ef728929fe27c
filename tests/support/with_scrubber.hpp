// Scrubbing what a store in memory has, which a test changes and loses as it likes.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "blobs/scrub.hpp"
#include "blobs/store/memory_store.hpp"
#include "blobs/use.hpp"
#include "support/loop_thread.hpp"
#include "support/stores.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::test {

class WithScrubber : public WithBlobs {
  protected:
    static constexpr auto interval = std::chrono::hours(24 * 30);

    void SetUp() override {
        WithBlobs::SetUp();
        if (IsSkipped()) return;
        catch_up_with_numbers();
        database().keep_records([this](db::Tx&, const std::vector<db::Change>& changes) {
            const std::lock_guard lock(mutex_);
            for (const db::Change& change : changes) records_.push_back(change.action);
        });
        blobs_ = std::make_unique<blobs::Blobs>(blobs::make_memory_store(&clock()), database(), context());
        restart();
    }
    void TearDown() override {
        if (scrubber_) scrubber_->stop();
        WithBlobs::TearDown();
    }
    // As another process, with nothing in its memory.
    void restart(blobs::ScrubOptions options = {.interval = interval, .rate_bytes = 0}) {
        if (scrubber_) scrubber_->stop();
        scrubber_ = std::make_unique<blobs::Scrubber>(*blobs_, options);
    }
    blobs::BlobId put(const std::string& text, std::int64_t owner = 1) {
        const blobs::Digests digests = digests_of(text);
        const auto use = [&](db::Tx& tx, blobs::BlobId id) { EXPECT_TRUE(use_blob(tx, acme_, owner, id)); };
        return loop_.run(blobs_->enter_small({}, text, digests, use));
    }
    // In place of what is stored.
    void damage(blobs::BlobId id, const std::string& bytes) {
        loop_.run(blobs_->store().put_small(need_blob(id).key(), bytes));
    }
    void lose(blobs::BlobId id) { loop_.run(blobs_->store().remove(need_blob(id).key())); }
    blobs::Scrubbed scrub(blobs::ScrubScope scope = {}) {
        return loop_.run(scrubber_->run(std::move(scope)));
    }
    blobs::Scrubbed scrub_later(std::chrono::microseconds after = interval + std::chrono::minutes(1)) {
        clock().advance(after);
        return scrub();
    }
    std::optional<std::string> bytes_of(blobs::BlobId id) {
        const blobs::Blob blob = need_blob(id);
        if (!blob.is_readable()) return std::nullopt;
        const auto body = loop_.run(blobs_->open(blob.key(), blob.size_bytes));
        if (!body) return std::nullopt;
        return read_body(*body);
    }
    std::size_t count_stored() {
        std::size_t count = 0;
        for (int slice = 0; slice < 256; ++slice) {
            const auto byte = static_cast<std::uint8_t>(slice);
            count += loop_.run(blobs_->store().list(to_hex({&byte, 1}), 1000)).size();
        }
        return count;
    }
    std::vector<std::string> take_records() {
        const std::lock_guard lock(mutex_);
        return std::exchange(records_, {});
    }

    LoopThread loop_;
    std::unique_ptr<blobs::Blobs> blobs_;
    std::unique_ptr<blobs::Scrubber> scrubber_;
    std::mutex mutex_;
    std::vector<std::string> records_;
};

}  // namespace lodestone::test
