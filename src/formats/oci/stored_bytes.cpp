// One way for each kind of body. A file is read where it stands: it is small, and was written just before.
#include "formats/oci/stored_bytes.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/problem.hpp"

namespace lodestone::formats::oci {

namespace {

std::string read_slice(const http::FileSlice& slice) {
    std::string bytes(slice.size_bytes, '\0');
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t got = ::pread(slice.file->value(), bytes.data() + at, bytes.size() - at,
                                    static_cast<off_t>(slice.offset + at));
        if (got <= 0) throw Problem(problems::unavailable, "Stored bytes cannot be read at the moment.");
        at += static_cast<std::size_t>(got);
    }
    return bytes;
}

void check_size(std::uint64_t size_bytes, std::uint64_t limit_bytes) {
    if (size_bytes > limit_bytes)
        throw Problem(problems::body_too_large, "What is stored is too large to be looked into.");
}

}  // namespace

Task<std::string> read_stored(http::ResponseBody body, std::uint64_t limit_bytes) {
    if (auto* const text = std::get_if<std::string>(&body)) {
        check_size(text->size(), limit_bytes);
        co_return std::move(*text);
    }
    if (const auto* const shared = std::get_if<http::SharedBytes>(&body)) {
        check_size(shared->bytes.size(), limit_bytes);
        co_return std::string(shared->bytes);
    }
    if (const auto* const slice = std::get_if<http::FileSlice>(&body)) {
        check_size(slice->size_bytes, limit_bytes);
        co_return read_slice(*slice);
    }
    if (auto* const source = std::get_if<std::unique_ptr<http::BodySource>>(&body))
        co_return co_await http::read_all(**source, limit_bytes);
    co_return std::string();
}

}  // namespace lodestone::formats::oci
