// The headers of a tar as they are written, looked at before libarchive reads them. What two programs read
// differently is refused here: of an archive that has been judged, everybody gets the files that were judged.
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "packages/archive/archive_stream.hpp"

namespace lodestone::packages {

// Takes files, folders and links in ustar's form or that of old, long names as GNU writes them ("L", "K"),
// and pax headers (POSIX) that say what is known: of a file alone no other size than its header, and of the
// whole archive ("g") a comment. Throws Problem(invalid_input) for everything else but devices and pipes,
// which are refused by whoever visits the entries.
class TarHeaders {
  public:
    // The next bytes of the archive.
    void take(std::string_view piece);

  private:
    void read_block();
    void read_header();
    void read_entry(char type, std::uint64_t size_bytes);
    void begin_extra(char type, std::uint64_t size_bytes);
    void read_extra();

    std::string block_;                // as far as it has come
    std::size_t wanted_bytes_ = 512;   // of it
    std::uint64_t skipped_bytes_ = 0;  // of a file, to come before the next header
    char extra_ = 0;                   // what the block is, unless it is a header: 'x', 'g', 'L', 'K'
    std::size_t extra_bytes_ = 0;      // of it, without what fills its last block
    std::string pending_;              // what has come of the next entry: "x", "L", "K"
    std::string path_;                 // that it was given so
    std::string size_;                 // likewise
    bool is_at_end_ = false;
};

// What another stream gives, looked at on its way.
class CheckedTarStream final : public ArchiveStream {
  public:
    explicit CheckedTarStream(ArchiveStream& stream) : stream_(stream) {}
    std::string_view next() override {
        const std::string_view piece = stream_.next();
        headers_.take(piece);
        return piece;
    }

  private:
    ArchiveStream& stream_;
    TarHeaders headers_;
};

}  // namespace lodestone::packages
