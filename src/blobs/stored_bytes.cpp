// One source for each kind of body. A file is read where it stands: it was written just before.
#include "blobs/stored_bytes.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/file_limits.hpp"
#include "base/problem.hpp"

namespace lodestone::blobs {

namespace {

class TextSource final : public http::BodySource {
  public:
    explicit TextSource(std::string text) : text_(std::move(text)) {}
    Task<std::string_view> next() override {
        co_return std::exchange(is_read_, true) ? std::string_view() : std::string_view(text_);
    }
    std::optional<std::uint64_t> length() const override { return text_.size(); }

  private:
    std::string text_;
    bool is_read_ = false;
};

class FileSource final : public http::BodySource {
  public:
    explicit FileSource(http::FileSlice slice) : slice_(std::move(slice)) {}
    Task<std::string_view> next() override {
        piece_.resize(std::min<std::uint64_t>(slice_.size_bytes - read_bytes_, limits::stored_piece_bytes));
        if (piece_.empty()) co_return std::string_view();
        const ssize_t got = ::pread(slice_.file->value(), piece_.data(), piece_.size(),
                                    static_cast<off_t>(slice_.offset + read_bytes_));
        if (got <= 0) throw Problem(problems::unavailable, "Stored bytes cannot be read at the moment.");
        read_bytes_ += static_cast<std::uint64_t>(got);
        co_return std::string_view(piece_).substr(0, static_cast<std::size_t>(got));
    }
    std::optional<std::uint64_t> length() const override { return slice_.size_bytes; }

  private:
    http::FileSlice slice_;
    std::string piece_;
    std::uint64_t read_bytes_ = 0;
};

class WholeSource final : public http::BodySource {
  public:
    explicit WholeSource(std::unique_ptr<http::SeekableSource> whole) : whole_(std::move(whole)) {}
    Task<std::string_view> next() override {
        if (whole_->size_bytes() == 0) co_return std::string_view();
        if (!opened_) opened_ = co_await whole_->open({.offset = 0, .size_bytes = whole_->size_bytes()});
        co_return co_await opened_->next();
    }
    std::optional<std::uint64_t> length() const override { return whole_->size_bytes(); }

  private:
    std::unique_ptr<http::SeekableSource> whole_;
    std::unique_ptr<http::BodySource> opened_;
};

// Each kind has to be named here, or it does not compile.
struct Streamed {
    using Source = std::unique_ptr<http::BodySource>;
    Source operator()(std::monostate) const { return std::make_unique<TextSource>(std::string()); }
    Source operator()(std::string text) const { return std::make_unique<TextSource>(std::move(text)); }
    Source operator()(const http::SharedBytes& shared) const {
        return std::make_unique<TextSource>(std::string(shared.bytes));
    }
    Source operator()(http::FileSlice slice) const { return std::make_unique<FileSource>(std::move(slice)); }
    Source operator()(Source source) const { return source; }
    Source operator()(std::unique_ptr<http::SeekableSource> whole) const {
        return std::make_unique<WholeSource>(std::move(whole));
    }
};

}  // namespace

std::unique_ptr<http::BodySource> stream_stored(http::ResponseBody body) {
    return std::visit(Streamed{}, std::move(body));
}

Task<std::string> read_stored(http::ResponseBody body, std::uint64_t limit_bytes) {
    const auto source = stream_stored(std::move(body));
    co_return co_await http::read_all(*source, limit_bytes);
}

}  // namespace lodestone::blobs
