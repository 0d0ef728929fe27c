// Fuzzes the response head parser: any split of the same bytes must give the same answer, and what is
// accepted must hold together.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "http/message/response_head.hpp"

using namespace lodestone::http;
using State = ResponseHeadResult::State;

namespace {

void check_accepted(std::string_view bytes, const ResponseHeadResult& result, const ResponseHead& head) {
    lodestone::ensure(result.size_bytes <= bytes.size() && result.size_bytes <= lodestone::limits::head_bytes,
                      "the head lies within its bytes");
    lodestone::ensure(bytes.substr(0, result.size_bytes).ends_with("\r\n\r\n"),
                      "a head ends with an empty line");
    lodestone::ensure(head.status >= 100 && head.status <= 599 && head.status != 101,
                      "the status is in range");
    lodestone::ensure(!head.keeps_alive || head.framing != ResponseHead::Framing::until_close,
                      "what ends with the connection does not keep it");
    lodestone::ensure(
        head.headers.count("content-length") == 0 || head.headers.count("transfer-encoding") == 0,
        "there is one way to find the end");
    for (const auto& field : head.headers) {
        lodestone::ensure(is_token(field.name), "a field's name is a token");
        lodestone::ensure(field.value.find_first_of(std::string_view("\r\n\0", 3)) == field.value.npos,
                          "a field's value is one line");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    // The first byte chooses the method and where the bytes are split.
    const auto method = static_cast<Method>(data[0] % method_count);
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    ResponseHead head;
    std::size_t scanned_bytes = 0;
    const auto result = parse_response_head(bytes, scanned_bytes, method, head);
    if (result.state == State::complete) check_accepted(bytes, result, head);
    lodestone::ensure((result.state == State::refused) == !result.detail.empty(), "a refusal has a reason");

    ResponseHead split_head;
    scanned_bytes = 0;
    auto split =
        parse_response_head(bytes.substr(0, bytes.size() * data[0] / 256), scanned_bytes, method, split_head);
    if (split.state == State::need_more)
        split = parse_response_head(bytes, scanned_bytes, method, split_head);
    lodestone::ensure(split.state == result.state && split.size_bytes == result.size_bytes,
                      "it does not matter how the bytes arrive");
    return 0;
}
