// zlib itself, and not libarchive's filter: that one compares no sums, takes any rest for nothing, and
// unpacks without end while it looks for the next entry.
#include "packages/archive/gzip_stream.hpp"

#include <zlib.h>

#include <algorithm>
#include <new>

#include "packages/archive/archive_problem.hpp"

namespace lodestone::packages {

namespace {

constexpr std::size_t piece_bytes = 64 * limits::kib;
constexpr int gzip_window_bits = 15 + 16;  // the largest window, in gzip's own frame

bool is_zero(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char c) { return c == '\0'; });
}

}  // namespace

GzipStream::GzipStream(const ArchiveSource& source, const ArchiveLimits& limits)
    : source_(source),
      limits_(limits),
      packed_(piece_bytes),
      unpacked_(piece_bytes),
      state_(std::make_unique<z_stream>()) {
    if (inflateInit2(state_.get(), gzip_window_bits) != Z_OK) throw std::bad_alloc();
}

GzipStream::~GzipStream() {
    inflateEnd(state_.get());
}

bool GzipStream::refill() {
    const std::size_t got = source_.read_at(position_, std::as_writable_bytes(std::span(packed_)));
    position_ += got;
    state_->next_in = reinterpret_cast<Bytef*>(packed_.data());
    state_->avail_in = static_cast<uInt>(got);
    return got > 0;
}

// Zeros may follow, as tapes have them. Another text in gzip may not: some programs read it, and some do not.
void GzipStream::pass_padding() {
    const std::string_view rest(reinterpret_cast<const char*>(state_->next_in), state_->avail_in);
    if (!is_zero(rest)) refuse_archive("has bytes behind its end");
    state_->avail_in = 0;
}

void GzipStream::inflate_some() {
    const int result = inflate(state_.get(), Z_NO_FLUSH);
    if (result == Z_STREAM_END)
        is_at_end_ = true;
    else if (result == Z_MEM_ERROR)
        throw std::bad_alloc();
    else if (result != Z_OK && result != Z_BUF_ERROR)
        refuse_archive(unpacked_bytes_ == 0 && state_->total_out == 0
                           ? "is not compressed by gzip"
                           : "is damaged: its gzip does not say what its sums say",
                       state_->msg != nullptr ? state_->msg : "");
}

void GzipStream::check_size() const {
    if (unpacked_bytes_ > limits_.unpacked_bytes) refuse_archive("unpacks to more than is taken here");
    if (unpacked_bytes_ > limits::archive_unasked_bytes &&
        unpacked_bytes_ / limits_.ratio > source_.size_bytes)
        refuse_archive("unpacks to far more than it is itself");
}

std::string_view GzipStream::next() {
    state_->next_out = reinterpret_cast<Bytef*>(unpacked_.data());
    state_->avail_out = static_cast<uInt>(unpacked_.size());
    while (state_->avail_out == unpacked_.size()) {
        if (state_->avail_in == 0 && !refill()) {
            if (!is_at_end_) refuse_archive("is cut off");
            break;
        }
        if (is_at_end_)
            pass_padding();
        else
            inflate_some();
    }
    last_ = {unpacked_.data(), unpacked_.size() - state_->avail_out};
    unpacked_bytes_ += last_.size();
    check_size();
    return last_;
}

void GzipStream::finish(std::uint64_t taken_bytes) {
    const std::uint64_t left = unpacked_bytes_ - std::min(taken_bytes, unpacked_bytes_);
    std::string_view rest =
        last_.substr(last_.size() - static_cast<std::size_t>(std::min<std::uint64_t>(left, last_.size())));
    do {
        if (!is_zero(rest)) refuse_archive("goes on behind its end");
        rest = next();
    } while (!rest.empty());
}

}  // namespace lodestone::packages
