// A store in memory that gives links, as S3 does, and counts how it was read from.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "blobs/store/memory_store.hpp"
#include "blobs/store/store.hpp"

namespace lodestone::test {

class LinkingStore final : public blobs::Store {
  public:
    int opened() const { return opened_; }  // for all of it
    int opened_parts() const { return opened_parts_; }
    int linked() const { return linked_; }

    Task<std::unique_ptr<blobs::Draft>> begin(blobs::DraftOptions options) override {
        return memory_->begin(std::move(options));
    }
    Task<std::unique_ptr<blobs::Draft>> reopen(const std::string& name,
                                               blobs::DraftProgress progress) override {
        return memory_->reopen(name, std::move(progress));
    }
    Task<> discard(const std::string& name, const std::string& store_state) override {
        return memory_->discard(name, store_state);
    }
    Task<> put_small(const blobs::BlobKey& key, std::string bytes) override {
        return memory_->put_small(key, std::move(bytes));
    }
    Task<std::optional<http::ResponseBody>> open(const blobs::BlobKey& key) override {
        ++opened_;
        return memory_->open(key);
    }
    Task<std::optional<http::ResponseBody>> open_part(const blobs::BlobKey& key) override {
        ++opened_parts_;
        return memory_->open_part(key);
    }
    Task<std::optional<std::uint64_t>> stat(const blobs::BlobKey& key) override { return memory_->stat(key); }
    // "https://store.example/ab/cd/…?seconds=300"
    Task<std::optional<blobs::BlobLink>> find_link(const blobs::BlobKey& key,
                                                   std::chrono::seconds lifetime) override {
        ++linked_;
        const auto size_bytes = co_await memory_->stat(key);
        if (!size_bytes) co_return std::nullopt;
        co_return blobs::BlobLink{.url = "https://store.example/" + render_blob_key(key) +
                                         "?seconds=" + std::to_string(lifetime.count()),
                                  .size_bytes = *size_bytes};
    }
    Task<> remove(const blobs::BlobKey& key) override { return memory_->remove(key); }
    Task<std::vector<blobs::StoredBlob>> list(const std::string& slice, std::size_t limit) override {
        return memory_->list(slice, limit);
    }
    Task<std::vector<std::string>> list_drafts(Time before, std::size_t limit) override {
        return memory_->list_drafts(before, limit);
    }
    Task<std::optional<std::string>> find_name() override { return memory_->find_name(); }
    Task<> give_name(std::string name) override { return memory_->give_name(std::move(name)); }
    std::optional<std::string> find_fault() override { return memory_->find_fault(); }

  private:
    const std::unique_ptr<blobs::Store> memory_ = blobs::make_memory_store();
    std::atomic<int> opened_{0};
    std::atomic<int> opened_parts_{0};
    std::atomic<int> linked_{0};
};

}  // namespace lodestone::test
