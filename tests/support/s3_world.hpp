// A store on a fake S3, for tests of what is special about it: parts, tails, and what goes wrong.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "blobs/store/s3_store.hpp"
#include "support/fake_s3.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::test {

class S3World {
  public:
    explicit S3World(http::ClientOptions client = {}) : client_(std::move(client)) { open(s3_.options()); }

    FakeS3& s3() { return s3_; }
    StoreWorld& world() { return world_; }
    blobs::Store& store() { return world_.store(); }
    blobs::S3Options options() const { return s3_.options(); }
    // As another node would open it.
    void open(blobs::S3Options options) {
        world_.close();
        world_.open(open_s3_store(std::move(options), world_.client(client_), world_.workers(),
                                  world_.loop().executor(), world_.context()));
    }

    std::unique_ptr<blobs::Draft> begin() {
        return world_.run(store().begin({.id = world_.new_id(), .also = {}}));
    }
    std::unique_ptr<blobs::Draft> reopen(const std::string& name, const blobs::DraftProgress& progress) {
        return world_.run(store().reopen(name, progress));
    }
    void append(blobs::Draft& draft, const std::string& bytes) {
        TextBody body(bytes, 70'000);
        world_.run(draft.append(body, 1 << 30));
    }
    blobs::DraftProgress keep(blobs::Draft& draft) {
        world_.run(draft.keep());
        return draft.progress();
    }
    blobs::BlobKey publish(blobs::Draft& draft) {
        const blobs::BlobKey key{.sha256 = draft.digests().sha256, .id = draft.id()};
        world_.run(draft.publish(key));
        return key;
    }
    blobs::DraftProgress nothing() {
        return {.id = world_.new_id(),
                .size_bytes = 0,
                .digest_state = blobs::RunningDigests().save(),
                .store_state = {}};
    }
    // "code: sentence", and what the log would see.
    template <class Function>
    static std::string refusal_of(Function function) {
        try {
            function();
        } catch (const Problem& problem) {
            return std::string(problem.kind().code) + ": " + problem.detail() + " / " + problem.internal();
        }
        return {};
    }

  private:
    TempFolder folder_;
    http::ClientOptions client_;
    FakeS3 s3_;
    StoreWorld world_{folder_ / "blobs"};
};

}  // namespace lodestone::test
