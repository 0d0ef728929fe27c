// The bytes of an archive as libarchive asks for them, and libarchive's own handle with what it failed of.
#pragma once

#include <cstdint>
#include <exception>
#include <string_view>
#include <vector>

#include "packages/archive/archive.hpp"

struct archive;

namespace lodestone::packages {

// Bytes in order, from wherever it was last told to go.
class ArchiveStream {
  public:
    virtual ~ArchiveStream() = default;
    // The next ones, valid until the next call; empty at the end. Throws.
    virtual std::string_view next() = 0;
};

// As they are.
class PlainStream final : public ArchiveStream {
  public:
    explicit PlainStream(const ArchiveSource& source) : source_(source) {}
    std::string_view next() override;
    // What lies outside is refused with a negative answer.
    std::int64_t seek(std::int64_t offset, int whence);

  private:
    const ArchiveSource& source_;
    std::uint64_t position_ = 0;
    std::vector<char> buffer_;
};

// libarchive at work with a stream, which outlives it.
class LibArchive {
  public:
    explicit LibArchive(ArchiveStream& stream);
    ~LibArchive();
    LibArchive(const LibArchive&) = delete;
    LibArchive& operator=(const LibArchive&) = delete;

    struct archive* handle() { return handle_; }
    // Makes stream and format known, and begins: `add_format` is of archive_read_support_format_….
    void open(int (*add_format)(struct archive*), PlainStream* seekable);
    // Throws what the stream threw; or, where it is to blame itself, Problem(invalid_input).
    [[noreturn]] void fail();

  private:
    friend struct ArchiveCallbacks;

    struct archive* handle_;
    ArchiveStream& stream_;
    PlainStream* seekable_ = nullptr;
    std::exception_ptr thrown_;
};

}  // namespace lodestone::packages
