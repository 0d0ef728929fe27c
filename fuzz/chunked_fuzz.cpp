// The chunked decoder: however the input is cut, it decodes to the same bytes, ends at the same place and
// finds the same fault; and it never makes data out of nothing.
#include <cstdint>
#include <string>

#include "base/ensure.hpp"
#include "http/message/chunked.hpp"

namespace {

struct Decoded {
    std::string data;
    std::size_t consumed = 0;
    bool is_done = false;
    bool is_faulty = false;
    friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(std::string_view input, std::size_t piece_bytes) {
    lodestone::http::ChunkDecoder decoder;
    Decoded decoded;
    std::size_t available = 0;
    for (;;) {
        const auto step = decoder.step(input.substr(decoded.consumed, available - decoded.consumed));
        decoded.data += step.data;
        decoded.consumed += step.consumed;
        decoded.is_done = step.is_done;
        decoded.is_faulty = !step.fault.empty();
        if (decoded.is_done || decoded.is_faulty) return decoded;
        if (step.consumed > 0) continue;
        if (available == input.size()) return decoded;
        available = std::min(input.size(), available + piece_bytes);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Decoded whole = decode(input, input.size() + 1);
    lodestone::ensure(whole == decode(input, data[0] % 16u + 1), "packets do not matter");
    lodestone::ensure(whole.data.size() <= whole.consumed, "data comes from the input");
    return 0;
}
