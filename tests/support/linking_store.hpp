// A store in memory that gives links, as S3 does, and counts how it was read from.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "support/wrapped_store.hpp"

namespace lodestone::test {

class LinkingStore final : public WrappedStore {
  public:
    int opened() const { return opened_; }  // for all of it
    int opened_parts() const { return opened_parts_; }
    int linked() const { return linked_; }

    Task<std::optional<http::ResponseBody>> open(const blobs::BlobKey& key) override {
        ++opened_;
        return WrappedStore::open(key);
    }
    Task<std::optional<http::ResponseBody>> open_part(const blobs::BlobKey& key) override {
        ++opened_parts_;
        return WrappedStore::open_part(key);
    }
    // "https://store.example/ab/cd/…?seconds=300"
    Task<std::optional<blobs::BlobLink>> find_link(const blobs::BlobKey& key,
                                                   std::chrono::seconds lifetime) override {
        ++linked_;
        const auto size_bytes = co_await memory().stat(key);
        if (!size_bytes) co_return std::nullopt;
        co_return blobs::BlobLink{.url = "https://store.example/" + render_blob_key(key) +
                                         "?seconds=" + std::to_string(lifetime.count()),
                                  .size_bytes = *size_bytes};
    }

  private:
    std::atomic<int> opened_{0};
    std::atomic<int> opened_parts_{0};
    std::atomic<int> linked_{0};
};

}  // namespace lodestone::test
