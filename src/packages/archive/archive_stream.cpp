// libarchive calls back; what is thrown there waits until it has returned.
#include "packages/archive/archive_stream.hpp"

#include <archive.h>
#include <sys/types.h>

#include <cstdio>
#include <new>
#include <optional>

#include "packages/archive/archive_problem.hpp"

namespace lodestone::packages {

namespace {
// Small, because a zip is jumped about in: each jump reads so much anew.
constexpr std::size_t piece_bytes = 16 * limits::kib;
}  // namespace

std::string_view PlainStream::next() {
    buffer_.resize(piece_bytes);
    const std::size_t got = source_.read_at(position_, std::as_writable_bytes(std::span(buffer_)));
    position_ += got;
    return {buffer_.data(), got};
}

std::int64_t PlainStream::seek(std::int64_t offset, int whence) {
    const auto size_bytes = static_cast<std::int64_t>(source_.size_bytes);
    const std::int64_t from = whence == SEEK_CUR   ? static_cast<std::int64_t>(position_)
                              : whence == SEEK_END ? size_bytes
                                                   : 0;
    std::int64_t target = 0;
    if (__builtin_add_overflow(from, offset, &target) || target < 0 || target > size_bytes) return -1;
    position_ = static_cast<std::uint64_t>(target);
    return target;
}

struct ArchiveCallbacks {
    static la_ssize_t read(struct archive* /*handle*/, void* data, const void** bytes) {
        auto& self = *static_cast<LibArchive*>(data);
        try {
            const std::string_view piece = self.stream_.next();
            *bytes = piece.data();
            return static_cast<la_ssize_t>(piece.size());
        } catch (...) {
            self.thrown_ = std::current_exception();
        }
        return ARCHIVE_FATAL;
    }
    static la_int64_t seek(struct archive* /*handle*/, void* data, la_int64_t offset, int whence) {
        const std::int64_t at = static_cast<LibArchive*>(data)->seekable_->seek(offset, whence);
        return at < 0 ? ARCHIVE_FATAL : at;
    }
};

LibArchive::LibArchive(ArchiveStream& stream) : handle_(archive_read_new()), stream_(stream) {
    if (handle_ == nullptr) throw std::bad_alloc();
}

LibArchive::~LibArchive() {
    archive_read_free(handle_);
}

void LibArchive::open(int (*add_format)(struct archive*), PlainStream* seekable) {
    seekable_ = seekable;
    if (add_format(handle_) != ARCHIVE_OK) fail();
    archive_read_set_callback_data(handle_, this);
    archive_read_set_read_callback(handle_, ArchiveCallbacks::read);
    if (seekable != nullptr) archive_read_set_seek_callback(handle_, ArchiveCallbacks::seek);
    if (archive_read_open1(handle_) != ARCHIVE_OK) fail();
}

void LibArchive::fail() {
    if (thrown_) std::rethrow_exception(thrown_);
    const char* why = archive_error_string(handle_);
    refuse_archive("is damaged, or no such archive", why != nullptr ? why : "");
}

}  // namespace lodestone::packages
