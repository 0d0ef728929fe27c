// What has come of a file that has to be looked at before it is stored: in memory as long as it is small,
// then in a nameless temporary file, hashed while it comes. Nobody else ever sees it, and it goes when nobody
// has it any more.
//
//     auto spool = std::make_shared<Spool>(blobs.scratch(), std::vector{DigestKind::md5});
//     co_await spool->append(*request.body, limit_bytes);
//     co_await inspection.run([inspection, spool] { … inspection.limit(…spool->read_at(…)…) … });
//     co_await enter_spooled(blobs, unit, *spool, note);
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "blobs/blobs.hpp"
#include "blobs/scratch.hpp"
#include "http/wire/body.hpp"

namespace lodestone::packages {

// Used by one coroutine, or one thread, at a time. After a failure it can only be dropped.
class Spool {
  public:
    // Besides SHA-256, these digests. The scratch outlives it but for its last moment.
    explicit Spool(blobs::Scratch& scratch, std::vector<DigestKind> also = {});
    ~Spool();
    Spool(Spool&&) noexcept;
    Spool& operator=(Spool&&) noexcept;

    // To its end, on a worker thread while the next bytes come. Throws Problem(body_too_large) past the
    // limit, Problem(storage_full), Problem(unavailable), and what the source throws.
    Task<> append(http::BodySource& source, std::uint64_t limit_bytes);
    // For parsers that push pieces. It hashes, and may write: to be called on a worker thread, of which the
    // caller knows the end (http::hand_over()).
    void append(std::string_view bytes);
    void append(std::span<const std::byte> bytes);

    std::uint64_t size_bytes() const;
    // Of all that came; nothing comes afterwards.
    const blobs::Digests& finish();
    // How many bytes it read: fewer than asked for at the end. On a worker thread.
    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const;
    // Whether it is in memory, and then what it is.
    bool is_small() const;
    std::string_view bytes() const;

  private:
    friend Task<blobs::BlobId> enter_spooled(blobs::Blobs& blobs, db::Unit unit, Spool& spool,
                                             blobs::Blobs::Note note);
    class Content;
    class Source;

    blobs::Scratch* scratch_;
    std::shared_ptr<Content> content_;  // a worker may have it for a moment longer
    blobs::Digests digests_;
    bool is_finished_ = false;
};

// Into the store, and behind it the row, in the unit that also runs the note (Blobs::enter()). What was
// spooled is spent afterwards.
Task<blobs::BlobId> enter_spooled(blobs::Blobs& blobs, db::Unit unit, Spool& spool, blobs::Blobs::Note note);

}  // namespace lodestone::packages
