// A store in memory that takes its time to make bytes durable: each time, the test's clock goes on.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "base/clock.hpp"
#include "support/wrapped_store.hpp"

namespace lodestone::test {

class SlowStore final : public WrappedStore {
  public:
    SlowStore(FakeClock& clock, std::chrono::microseconds time) : clock_(clock), time_(time) {}

    Task<std::unique_ptr<blobs::Draft>> begin(blobs::DraftOptions options) override {
        auto draft = co_await WrappedStore::begin(std::move(options));
        co_return std::make_unique<SlowDraft>(*this, std::move(draft));
    }
    Task<> put_small(const blobs::BlobKey& key, std::string bytes) override {
        take_time();
        return WrappedStore::put_small(key, std::move(bytes));
    }

  private:
    class SlowDraft final : public blobs::Draft {
      public:
        SlowDraft(SlowStore& store, std::unique_ptr<blobs::Draft> draft)
            : store_(store), draft_(std::move(draft)) {}
        Task<> append(http::BodySource& source, std::uint64_t limit_bytes) override {
            return draft_->append(source, limit_bytes);
        }
        Task<> keep() override { return draft_->keep(); }
        blobs::BlobId id() const override { return draft_->id(); }
        std::uint64_t size_bytes() const override { return draft_->size_bytes(); }
        blobs::Digests digests() const override { return draft_->digests(); }
        blobs::DraftProgress progress() const override { return draft_->progress(); }
        Task<> publish(const blobs::BlobKey& key) override {
            store_.take_time();
            return draft_->publish(key);
        }

      private:
        SlowStore& store_;
        const std::unique_ptr<blobs::Draft> draft_;
    };

    void take_time() { clock_.advance(time_); }

    FakeClock& clock_;
    const std::chrono::microseconds time_;
};

}  // namespace lodestone::test
