// Fuzzes what names stored bytes: keys, digests, numbers, and digests that were written down half-way.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "base/number_id.hpp"
#include "blobs/store/blob_key.hpp"
#include "blobs/store/digests.hpp"

using namespace lodestone;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    if (const auto number = parse_number(text))
        ensure(render_number(*number) == text, "a number has one spelling");
    if (const auto digest = blobs::parse_sha256(text))
        ensure(to_hex(*digest) == text, "a digest has one spelling");
    if (const auto key = blobs::parse_blob_key(text)) {
        ensure(blobs::render_blob_key(*key) == text, "a key has one spelling");
        ensure(text.find("..") == std::string_view::npos && text.front() != '/',
               "a key stays where it belongs");
    }
    if (auto digests = blobs::RunningDigests::restore(text)) {
        ensure(digests->save() == text, "what was taken up is what was saved");
        digests->add("more");
        (void)digests->digests();
    }
    return 0;
}
