// Maps behind one mutex, which no coroutine waits under. Drafts write on the loop: nothing here is slow.
#include "blobs/store/memory_store.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>

#include "base/clock.hpp"
#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "base/problem.hpp"

namespace lodestone::blobs {

namespace {

struct Shelf {
    explicit Shelf(const Clock* given) : clock(given != nullptr ? *given : own_clock) {}
    void put(const BlobKey& key, std::string bytes) {
        blobs[key] = {.bytes = std::make_shared<const std::string>(std::move(bytes)),
                      .stored_at = clock.now()};
    }

    const SystemClock own_clock;
    const Clock& clock;
    std::mutex mutex;
    struct Stored {
        std::shared_ptr<const std::string> bytes;
        Time stored_at{};
    };
    struct Kept {
        std::string bytes;
        Time stored_at{};
    };
    std::map<BlobKey, Stored> blobs;
    std::map<std::string, Kept> kept;  // what named drafts have kept
    std::string name;
    std::map<std::string, int> open;  // named drafts that somebody has open
};

class MemoryDraft final : public Draft {
  public:
    MemoryDraft(std::shared_ptr<Shelf> shelf, std::string name, BlobId id, RunningDigests digests,
                std::string bytes)
        : shelf_(std::move(shelf)),
          name_(std::move(name)),
          id_(id),
          digests_(std::move(digests)),
          bytes_(std::move(bytes)) {}
    ~MemoryDraft() override {
        if (name_.empty()) return;
        const std::lock_guard lock(shelf_->mutex);
        shelf_->open.erase(name_);
    }
    MemoryDraft(const MemoryDraft&) = delete;
    MemoryDraft& operator=(const MemoryDraft&) = delete;

    Task<> append(http::BodySource& source, std::uint64_t limit_bytes) override {
        for (auto piece = co_await source.next(); !piece.empty(); piece = co_await source.next()) {
            if (piece.size() > limit_bytes - bytes_.size() || bytes_.size() > limit_bytes)
                throw Problem(
                    problems::body_too_large,
                    fmt::format("The file is larger than the {} bytes that are taken here.", limit_bytes));
            digests_.add(piece);
            bytes_ += piece;
        }
    }
    Task<> keep() override {
        ensure(!name_.empty(), "only named drafts are kept");
        const std::lock_guard lock(shelf_->mutex);
        shelf_->kept[name_] = {.bytes = bytes_, .stored_at = shelf_->clock.now()};
        co_return;
    }
    BlobId id() const override { return id_; }
    std::uint64_t size_bytes() const override { return bytes_.size(); }
    Digests digests() const override { return digests_.digests(); }
    DraftProgress progress() const override {
        return {.id = id_, .size_bytes = bytes_.size(), .digest_state = digests_.save(), .store_state = {}};
    }
    Task<> publish(const BlobKey& key) override {
        ensure(key.id == id_ && key.sha256 == digests_.digests().sha256,
               "a draft is published as what it is");
        const std::lock_guard lock(shelf_->mutex);
        shelf_->put(key, bytes_);
        co_return;
    }

  private:
    std::shared_ptr<Shelf> shelf_;
    std::string name_;
    BlobId id_;
    RunningDigests digests_;
    std::string bytes_;
};

class MemoryStore final : public Store {
  public:
    explicit MemoryStore(const Clock* clock) : shelf_(std::make_shared<Shelf>(clock)) {}

    Task<std::unique_ptr<Draft>> begin(DraftOptions options) override {
        co_return std::make_unique<MemoryDraft>(shelf_, "", options.id, RunningDigests(options.also), "");
    }
    Task<std::unique_ptr<Draft>> reopen(const std::string& name, DraftProgress progress) override {
        auto digests = RunningDigests::restore(progress.digest_state);
        ensure(digests.has_value(), "what a draft has taken was noted as it was saved");
        open_once(name);
        const std::lock_guard lock(shelf_->mutex);
        const std::string& kept =
            shelf_->kept.try_emplace(name, Shelf::Kept{.bytes = {}, .stored_at = shelf_->clock.now()})
                .first->second.bytes;
        if (kept.size() < progress.size_bytes) {
            shelf_->open.erase(name);
            throw Problem(problems::not_found, "The bytes of this upload are gone; begin it again.");
        }
        co_return std::make_unique<MemoryDraft>(shelf_, name, progress.id, std::move(*digests),
                                                kept.substr(0, progress.size_bytes));
    }
    Task<> discard(const std::string& name, const std::string& /*store_state*/) override {
        const std::lock_guard lock(shelf_->mutex);
        shelf_->kept.erase(name);
        co_return;
    }
    Task<> put_small(const BlobKey& key, std::string bytes) override {
        const std::lock_guard lock(shelf_->mutex);
        shelf_->put(key, std::move(bytes));
        co_return;
    }
    Task<std::optional<http::ResponseBody>> open(const BlobKey& key) override {
        const std::lock_guard lock(shelf_->mutex);
        const auto found = shelf_->blobs.find(key);
        if (found == shelf_->blobs.end()) co_return std::nullopt;
        co_return http::SharedBytes{.owner = found->second.bytes, .bytes = *found->second.bytes};
    }
    Task<std::optional<std::uint64_t>> stat(const BlobKey& key) override {
        const std::lock_guard lock(shelf_->mutex);
        const auto found = shelf_->blobs.find(key);
        if (found == shelf_->blobs.end()) co_return std::nullopt;
        co_return found->second.bytes->size();
    }
    Task<> remove(const BlobKey& key) override {
        const std::lock_guard lock(shelf_->mutex);
        shelf_->blobs.erase(key);
        co_return;
    }
    Task<std::vector<StoredBlob>> list(const std::string& slice, std::size_t limit) override {
        const std::lock_guard lock(shelf_->mutex);
        std::vector<StoredBlob> listed;
        for (const auto& [key, stored] : shelf_->blobs)
            if (listed.size() < limit && to_hex(key.sha256).starts_with(slice))
                listed.push_back({.key = key, .stored_at = stored.stored_at});
        co_return listed;
    }
    Task<std::vector<std::string>> list_drafts(Time before, std::size_t limit) override {
        const std::lock_guard lock(shelf_->mutex);
        std::vector<std::string> listed;
        for (const auto& [name, kept] : shelf_->kept)
            if (listed.size() < limit && kept.stored_at < before) listed.push_back(name);
        co_return listed;
    }
    Task<std::optional<std::string>> find_name() override {
        const std::lock_guard lock(shelf_->mutex);
        if (shelf_->name.empty()) co_return std::nullopt;
        co_return shelf_->name;
    }
    Task<> give_name(std::string name) override {
        const std::lock_guard lock(shelf_->mutex);
        shelf_->name = std::move(name);
        co_return;
    }
    std::optional<std::string> find_fault() override { return std::nullopt; }

  private:
    void open_once(const std::string& name) {
        const std::lock_guard lock(shelf_->mutex);
        if (shelf_->open[name]++ == 0) return;
        shelf_->open[name] = 1;
        throw Problem(
            problems::conflict,
            "Another request is at work on this upload; wait for it to end, and go on where it stopped.");
    }

    std::shared_ptr<Shelf> shelf_;
};

}  // namespace

std::unique_ptr<Store> make_memory_store(const Clock* clock) {
    return std::make_unique<MemoryStore>(clock);
}

}  // namespace lodestone::blobs
