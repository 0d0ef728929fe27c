// Each kind of body in its way: files are read on the thread, what comes from elsewhere is read on the loop.
#include "blobs/rehash.hpp"

#include <fcntl.h>
#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include "blobs/store/disk.hpp"

namespace lodestone::blobs {

namespace {

// What a thread of the rehasher works on; it may be at it when nobody waits any more.
struct Hashing {
    Sha256Digest digest;
    Rehashed result;
    std::vector<char> room;
};

// Behind everybody else, for the processor and for the disk.
void give_way() {
    static thread_local const bool is_last = [] {
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
        ::syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 7));
        return true;
    }();
    (void)is_last;
}

// Answers how much it was; nothing at the end, or when it could not be read.
std::size_t take_piece(Hashing& hashing, const http::FileSlice& file) {
    give_way();
    // What the kernel has in its memory says nothing of the disk.
    if (hashing.result.size_bytes == 0)
        ::posix_fadvise(file.file->value(), static_cast<off_t>(file.offset),
                        static_cast<off_t>(file.size_bytes), POSIX_FADV_DONTNEED);
    const std::uint64_t left = file.size_bytes - hashing.result.size_bytes;
    const std::size_t wanted = std::min<std::uint64_t>(left, hashing.room.size());
    const auto offset = static_cast<off_t>(file.offset + hashing.result.size_bytes);
    ssize_t got = 0;
    do got = ::pread(file.file->value(), hashing.room.data(), wanted, offset);
    while (got < 0 && errno == EINTR);
    if (got < 0) hashing.result.fault = describe_error(errno);
    if (got <= 0) return 0;
    const auto size = static_cast<std::size_t>(got);
    ::posix_fadvise(file.file->value(), offset, got, POSIX_FADV_DONTNEED);
    hashing.digest.add({hashing.room.data(), size});
    hashing.result.size_bytes += size;
    return size;
}

Rehashed end(Hashing& hashing, bool is_ended) {
    hashing.result.is_ended = is_ended;
    if (!is_ended) hashing.result.sha256 = hashing.digest.finish();
    return hashing.result;
}

}  // namespace

Task<Rehashed> Rehasher::hash(http::ResponseBody body, Pace pace) {
    if (const auto* file = std::get_if<http::FileSlice>(&body)) co_return co_await hash_file(*file, pace);
    if (const auto* shared = std::get_if<http::SharedBytes>(&body))
        co_return co_await hash_text(shared->bytes, pace);
    if (const auto* text = std::get_if<std::string>(&body)) co_return co_await hash_text(*text, pace);
    if (const auto* source = std::get_if<std::unique_ptr<http::BodySource>>(&body))
        co_return co_await hash_source(**source, pace);
    if (const auto* seekable = std::get_if<std::unique_ptr<http::SeekableSource>>(&body)) {
        const http::ByteRange whole{.offset = 0, .size_bytes = (*seekable)->size_bytes()};
        const auto source = co_await (*seekable)->open(whole);
        co_return co_await hash_source(*source, pace);
    }
    co_return co_await hash_text({}, pace);
}

Task<Rehashed> Rehasher::hash_file(const http::FileSlice& file, const Pace& pace) {
    const auto hashing = std::make_shared<Hashing>();
    hashing->room.resize(std::clamp<std::uint64_t>(file.size_bytes, 1, limits::scrub_piece_bytes));
    std::size_t taken = 0;
    do {
        if (!co_await pace(taken)) co_return end(*hashing, true);
        auto job = [hashing, file] { return take_piece(*hashing, file); };
        taken = co_await thread_.run(std::move(job));
    } while (taken != 0);
    co_return end(*hashing, false);
}

Task<Rehashed> Rehasher::hash_source(http::BodySource& source, const Pace& pace) {
    const auto hashing = std::make_shared<Hashing>();
    std::uint64_t taken = 0;
    for (;;) {
        if (!co_await pace(taken)) co_return end(*hashing, true);
        const std::string_view piece = co_await source.next();
        taken = piece.size();
        if (piece.empty()) break;
        hashing->result.size_bytes += taken;
        // The piece is the source's until the next one is asked for.
        auto job = [hashing, piece] {
            give_way();
            hashing->digest.add(piece);
        };
        co_await thread_.run(std::move(job));
    }
    co_return end(*hashing, false);
}

Task<Rehashed> Rehasher::hash_text(std::string_view text, const Pace& pace) {
    const auto hashing = std::make_shared<Hashing>();
    if (!co_await pace(text.size())) co_return end(*hashing, true);
    hashing->result.size_bytes = text.size();
    auto job = [hashing, text] {
        give_way();
        hashing->digest.add(text);
    };
    co_await thread_.run(std::move(job));
    co_return end(*hashing, false);
}

}  // namespace lodestone::blobs
