// Fuzzes checksums in headers: whatever the text, it is read into digests of the right length, or refused
// with a sentence.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "formats/generic/checksums.hpp"

using namespace lodestone;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    for (const std::string_view header : {"X-Checksum-Sha256", "Digest", "Content-Digest", "Content-MD5"}) {
        const auto sentence = find_problem([&] {
            for (const auto& one : formats::generic::parse_checksum_header(header, text))
                ensure(one.bytes.size() == digest_bytes(one.kind), "a digest has its length");
        });
        if (sentence) ensure(!sentence->empty(), "what is refused is told why");
    }
    return 0;
}
