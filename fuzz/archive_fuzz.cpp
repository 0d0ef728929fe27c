// Archives: whatever the bytes, they are read within the limits or refused with a sentence, and no name leads
// out of its folder. The first byte says what they are: z a zip, t a tar, which is put into gzip here, g one
// in gzip.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "packages/archive/archive.hpp"

using namespace lodestone;
using namespace lodestone::packages;

namespace {

std::string gzip(std::string_view plain) {
    z_stream state{};
    ensure(deflateInit2(&state, 0, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib begins");
    std::string packed(deflateBound(&state, plain.size()), '\0');
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    state.avail_in = static_cast<uInt>(plain.size());
    state.next_out = reinterpret_cast<Bytef*>(packed.data());
    state.avail_out = static_cast<uInt>(packed.size());
    ensure(deflate(&state, Z_FINISH) == Z_STREAM_END, "zlib ends");
    packed.resize(state.total_out);
    deflateEnd(&state);
    return packed;
}

void check_path(const std::string& path) {
    ensure(!path.empty() && path.front() != '/' && path.back() != '/', "a name is relative");
    ensure(('/' + path + '/').find("/../") == std::string::npos, "a name stays in its folder");
    ensure(path.find('\\') == std::string::npos && path.find('\0') == std::string::npos, "a name is plain");
}

void read(std::string_view bytes, ArchiveFormat format) {
    const ArchiveSource source{.read_at =
                                   [bytes](std::uint64_t offset, std::span<std::byte> into) {
                                       if (offset >= bytes.size()) return std::size_t{0};
                                       const std::string_view piece =
                                           bytes.substr(static_cast<std::size_t>(offset), into.size());
                                       std::memcpy(into.data(), piece.data(), piece.size());
                                       return piece.size();
                                   },
                               .size_bytes = bytes.size(),
                               .format = format};
    const ArchiveLimits limits{.entries = 100, .unpacked_bytes = 1 << 20, .ratio = 100};
    std::uint64_t entries = 0, unpacked_bytes = 0;
    const auto refused = find_problem([&] {
        read_archive(source, limits, [&](const ArchiveEntry& entry, EntryReader& content) {
            check_path(entry.path);
            ensure(++entries <= limits.entries, "no more entries than are taken");
            std::uint64_t size_bytes = 0;
            if (entry.path.size() % 2 == 0)
                content.read_pieces([&](std::string_view piece) { size_bytes += piece.size(); });
            ensure(size_bytes <= entry.size_bytes, "no more content than was said");
            unpacked_bytes += size_bytes;
        });
    });
    if (refused) ensure(refused->starts_with("The archive "), "a refusal says what is wrong");
    ensure(unpacked_bytes <= limits.unpacked_bytes, "no more content than is taken");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 't')
        read(gzip(input), ArchiveFormat::tar_gz);
    else
        read(input, data[0] == 'z' ? ArchiveFormat::zip : ArchiveFormat::tar_gz);
    return 0;
}
