// A store with what it stands on, used from a test's own thread; and bodies to put into it.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "base/worker_threads.hpp"
#include "blobs/store/store.hpp"
#include "http/client/client.hpp"
#include "support/http_loop_thread.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::test {

// Comes in pieces; whether it says how much there is, and whether it breaks off instead of ending, is up to
// the test.
class TextBody final : public http::BodySource {
  public:
    enum class End { whole, breaks_off };
    explicit TextBody(std::string text, std::size_t piece_bytes = 1000, End end = End::whole)
        : text_(std::move(text)), rest_(text_), piece_bytes_(piece_bytes), end_(end) {}
    Task<std::string_view> next() override {
        const std::string_view piece = rest_.substr(0, piece_bytes_);
        rest_.remove_prefix(piece.size());
        if (piece.empty() && end_ == End::breaks_off) throw std::runtime_error("the client went away");
        co_return piece;
    }
    std::optional<std::uint64_t> length() const override { return promised; }
    std::optional<std::uint64_t> promised;

  private:
    const std::string text_;
    std::string_view rest_;
    std::size_t piece_bytes_;
    End end_;
};

inline std::string make_bytes(std::size_t size_bytes, std::uint64_t seed = 1) {
    SeededRandom random(seed);
    std::string bytes(size_bytes, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

inline Sha256 sha256_of(std::string_view bytes) {
    Sha256Digest digest;
    digest.add(bytes);
    return digest.finish();
}

inline std::string read_body(const http::ResponseBody& body) {
    if (const auto* text = std::get_if<std::string>(&body)) return *text;
    if (const auto* shared = std::get_if<http::SharedBytes>(&body)) return std::string(shared->bytes);
    const auto& slice = std::get<http::FileSlice>(body);
    std::string bytes(slice.size_bytes, '\0');
    const ssize_t got =
        ::pread(slice.file->value(), bytes.data(), bytes.size(), static_cast<off_t>(slice.offset));
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
}

// What a store needs of the program, and a loop to use it on.
class StoreWorld {
  public:
    explicit StoreWorld(std::string folder) : folder_(std::move(folder)) {}
    ~StoreWorld() {
        close();
        loop_.stop();
        client_.reset();
    }
    StoreWorld(const StoreWorld&) = delete;
    StoreWorld& operator=(const StoreWorld&) = delete;

    void open(std::unique_ptr<blobs::Store> store) { store_ = std::move(store); }
    void close() {
        if (store_) store_->stop();
        store_.reset();
    }
    blobs::Store& store() { return *store_; }
    Context& context() { return context_; }
    WorkerThreads& workers() { return workers_; }
    FakeClock& clock() { return clock_; }
    HttpLoopThread& loop() { return loop_; }
    // Made when it is asked for, with these options.
    http::Client& client(http::ClientOptions options = {}) {
        if (!client_) client_ = std::make_unique<http::Client>(std::move(options), metrics_, log_);
        return *client_;
    }
    const std::string& folder() const { return folder_; }
    blobs::BlobId new_id() { return blobs::BlobId::make(clock_, random_); }

    template <class Result>
    Result run(Task<Result> task) {
        return loop_.run(std::move(task));
    }
    // What is refused, as "code: sentence"; empty when nothing is.
    template <class Function>
    static std::string refusal_of(Function function) {
        try {
            function();
        } catch (const Problem& problem) {
            return std::string(problem.kind().code) + ": " + problem.detail();
        }
        return {};
    }

    // Through a draft, as uploads come.
    blobs::BlobKey put(const std::string& text) {
        auto draft = run(store().begin({.id = new_id(), .also = {}}));
        TextBody body(text);
        run(draft->append(body, text.size()));
        const blobs::BlobKey key{.sha256 = draft->digests().sha256, .id = draft->id()};
        run(draft->publish(key));
        return key;
    }
    std::optional<std::string> find(const blobs::BlobKey& key) {
        const auto body = run(store().open(key));
        if (!body) return std::nullopt;
        return read(*body);
    }
    // Whatever kind of body it is.
    std::string read(const http::ResponseBody& body) {
        const auto* seekable = std::get_if<std::unique_ptr<http::SeekableSource>>(&body);
        if (seekable == nullptr) return read_body(body);
        return read_range(**seekable, {.offset = 0, .size_bytes = (*seekable)->size_bytes()});
    }
    std::string read_range(http::SeekableSource& seekable, http::ByteRange range) {
        const auto source = run(seekable.open(range));
        return run(http::read_all(*source, 1 << 30));
    }

  private:
    std::string folder_;
    FakeClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::off, .file = "/dev/null"}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
    HttpLoopThread loop_{metrics_};
    std::unique_ptr<http::Client> client_;
    WorkerThreads workers_{2};  // before the loop, which its jobs wake
    std::unique_ptr<blobs::Store> store_;
};

}  // namespace lodestone::test
