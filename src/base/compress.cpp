// Compression by zlib and zstd, at levels where ten megabytes of JSON take a moment.
#include "base/compress.hpp"

#include <zlib.h>
#include <zstd.h>

#include <new>

#include "base/ensure.hpp"

namespace lodestone {

namespace {

constexpr int gzip_level = 6;
constexpr int gzip_window = 15 + 16;  // the largest, in gzip's frame
constexpr int gzip_memory = 8;
constexpr int zstd_level = 3;

}  // namespace

std::string compress_gzip(std::string_view bytes) {
    z_stream stream{};
    if (deflateInit2(&stream, gzip_level, Z_DEFLATED, gzip_window, gzip_memory, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string compressed(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    const int result = deflate(&stream, Z_FINISH);
    compressed.resize(stream.total_out);
    deflateEnd(&stream);
    ensure(result == Z_STREAM_END, "deflate() needed more than deflateBound() says");
    compressed.shrink_to_fit();
    return compressed;
}

std::string compress_zstd(std::string_view bytes) {
    std::string compressed(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size =
        ZSTD_compress(compressed.data(), compressed.size(), bytes.data(), bytes.size(), zstd_level);
    if (ZSTD_isError(size) != 0) throw std::bad_alloc();
    compressed.resize(size);
    compressed.shrink_to_fit();
    return compressed;
}

}  // namespace lodestone
