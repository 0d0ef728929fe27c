// Memory is counted over all spools: where they hold too much together, a further one goes to its file at
// once.
#include "packages/archive/spool.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/blob_limits.hpp"
#include "base/ensure.hpp"
#include "base/piece_line.hpp"
#include "base/problem.hpp"
#include "base/unique_fd.hpp"

namespace lodestone::packages {

class Spool::Content final : public PieceTaker {
  public:
    Content(blobs::Scratch& scratch, const std::vector<DigestKind>& also)
        : scratch_(scratch), held_bytes_(scratch.held_bytes()), digests_(also) {}
    ~Content() override { release(); }
    Content(const Content&) = delete;
    Content& operator=(const Content&) = delete;

    void set_limit(std::uint64_t limit_bytes) { limit_bytes_ = limit_bytes; }
    void check_room(std::uint64_t more_bytes) const;
    void take(std::string_view piece) override;
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const;

    std::uint64_t size_bytes() const { return size_bytes_; }
    bool is_small() const { return !file_.is_open(); }
    std::string& memory() { return memory_; }
    const blobs::RunningDigests& digests() const { return digests_; }

  private:
    bool may_hold(std::uint64_t more_bytes);
    void release();
    void write(std::string_view bytes, std::uint64_t offset);

    blobs::Scratch& scratch_;  // while a worker or a caller is at it, it is there
    std::shared_ptr<std::atomic<std::uint64_t>> held_bytes_;
    blobs::RunningDigests digests_;
    std::string memory_;
    std::uint64_t counted_bytes_ = 0;  // of held_bytes_
    UniqueFd file_;
    std::uint64_t size_bytes_ = 0;
    std::uint64_t limit_bytes_ = std::numeric_limits<std::uint64_t>::max();
};

void Spool::Content::check_room(std::uint64_t more_bytes) const {
    if (size_bytes_ > limit_bytes_ || more_bytes > limit_bytes_ - size_bytes_)
        throw Problem(problems::body_too_large,
                      fmt::format("The file is larger than the {} bytes that are taken here.", limit_bytes_));
}

bool Spool::Content::may_hold(std::uint64_t more_bytes) {
    if (size_bytes_ + more_bytes > limits::spooled_bytes) return false;
    counted_bytes_ += more_bytes;
    return held_bytes_->fetch_add(more_bytes) + more_bytes <= limits::spooled_bytes_together;
}

void Spool::Content::release() {
    held_bytes_->fetch_sub(counted_bytes_);
    counted_bytes_ = 0;
    memory_ = {};
}

void Spool::Content::write(std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(file_.value(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) blobs::refuse_scratch(errno, "writing a temporary file");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

void Spool::Content::take(std::string_view piece) {
    check_room(piece.size());
    digests_.add(piece);
    if (is_small() && may_hold(piece.size())) {
        memory_ += piece;
    } else {
        if (is_small()) {
            file_ = scratch_.open_file();
            write(memory_, 0);
            release();
        }
        write(piece, size_bytes_);
    }
    size_bytes_ += piece.size();
}

std::size_t Spool::Content::read_at(std::uint64_t offset, std::span<std::byte> into) const {
    if (offset >= size_bytes_) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_bytes_ - offset));
    if (is_small()) {
        std::memcpy(into.data(), memory_.data() + offset, wanted);
        return wanted;
    }
    std::size_t got = 0;
    while (got < wanted) {
        const ssize_t size =
            ::pread(file_.value(), into.data() + got, wanted - got, static_cast<off_t>(offset + got));
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) blobs::refuse_scratch(size < 0 ? errno : EIO, "reading a temporary file");
        got += static_cast<std::size_t>(size);
    }
    return got;
}

// Towards the store: read on a worker thread, a large piece at a time.
class Spool::Source final : public http::BodySource {
  public:
    Source(blobs::Scratch& scratch, std::shared_ptr<const Content> content)
        : scratch_(scratch), content_(std::move(content)) {}

    Task<std::string_view> next() override {
        auto read = [content = content_, buffer = buffer_, offset = offset_] {
            return content->read_at(offset, std::as_writable_bytes(std::span(*buffer)));
        };
        const std::size_t got = co_await scratch_.threads().run(std::move(read));
        offset_ += got;
        co_return std::string_view(buffer_->data(), got);
    }
    std::optional<std::uint64_t> length() const override { return content_->size_bytes(); }

  private:
    blobs::Scratch& scratch_;
    std::shared_ptr<const Content> content_;
    std::shared_ptr<std::vector<char>> buffer_ = std::make_shared<std::vector<char>>(limits::turn_bytes);
    std::uint64_t offset_ = 0;
};

Spool::Spool(blobs::Scratch& scratch, std::vector<DigestKind> also)
    : scratch_(&scratch), content_(std::make_shared<Content>(scratch, also)) {}
Spool::~Spool() = default;
Spool::Spool(Spool&&) noexcept = default;
Spool& Spool::operator=(Spool&&) noexcept = default;

Task<> Spool::append(http::BodySource& source, std::uint64_t limit_bytes) {
    ensure(!is_finished_, "nothing comes behind the end");
    content_->set_limit(limit_bytes);
    content_->check_room(source.length().value_or(0));
    co_await http::hand_over(source, scratch_->threads().threads(), content_);
}

void Spool::append(std::string_view bytes) {
    ensure(!is_finished_, "nothing comes behind the end");
    content_->take(bytes);
}

void Spool::append(std::span<const std::byte> bytes) {
    append(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

std::uint64_t Spool::size_bytes() const {
    return content_->size_bytes();
}

const blobs::Digests& Spool::finish() {
    if (!is_finished_) digests_ = content_->digests().digests();
    is_finished_ = true;
    return digests_;
}

std::size_t Spool::read_at(std::uint64_t offset, std::span<std::byte> into) const {
    return content_->read_at(offset, into);
}

bool Spool::is_small() const {
    return content_->is_small();
}

std::string_view Spool::bytes() const {
    ensure(is_small(), "what is in a file has to be read");
    return content_->memory();
}

// Under their other digests blobs are found by protocols that ask for them so, which spool nothing: the rows
// would be for nobody.
Task<blobs::BlobId> enter_spooled(blobs::Blobs& blobs, db::Unit unit, Spool& spool, blobs::Blobs::Note note) {
    const blobs::Digests digests{.sha256 = spool.finish().sha256, .others = {}};
    if (spool.is_small())
        co_return co_await blobs.enter_small(std::move(unit), std::move(spool.content_->memory()), digests,
                                             std::move(note));
    const std::unique_ptr<blobs::Draft> draft = co_await blobs.begin();
    Spool::Source source(*spool.scratch_, spool.content_);
    co_await draft->append(source, spool.size_bytes());
    if (draft->digests() != digests)
        throw Problem(problems::unavailable, "The file could not be kept; send it again in a moment.")
            .with_internal("a temporary file does not hold what was written to it");
    co_return co_await blobs.enter(std::move(unit), *draft, std::move(note));
}

}  // namespace lodestone::packages
