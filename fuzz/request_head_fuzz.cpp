// The head parser, checked against another implementation: whatever we accept, Boost.Beast's parser must
// accept and read the same way, so that no proxy in front of us can be led to see a different request.
#include "http/message/request_head.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <string>

#include "base/ensure.hpp"

namespace {

using namespace lodestone::http;
namespace beast = boost::beast;

void check_agreement(std::string_view bytes, const RequestHead& head) {
    if (head.method == Method::options && head.path == "*") return;  // Beast has no opinion on targets
    // Leading empty lines are ours to forgive; Beast does not.
    while (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
    beast::http::request_parser<beast::http::empty_body> other;
    other.header_limit(1 << 20);
    other.body_limit(std::numeric_limits<std::uint64_t>::max());
    other.skip(true);
    beast::error_code error;
    other.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    lodestone::ensure(!error, "accepted what the other parser refuses: " + error.message());
    lodestone::ensure(other.is_header_done(), "we saw the end of the head, the other parser did not");
    const auto& message = other.get();
    lodestone::ensure(message.method_string() == method_name(head.method), "methods differ");
    lodestone::ensure(message.target() == head.target, "targets differ");
    lodestone::ensure(other.chunked() == (head.framing == RequestHead::Framing::chunked), "framings differ");
    const std::uint64_t length = other.content_length().value_or(0);
    lodestone::ensure(other.chunked() || length == head.content_length, "lengths differ");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    RequestHead whole;
    std::size_t scanned = 0;
    const HeadResult result = parse_request_head(bytes, scanned, HeadLimits{}, whole);
    if (result.state == HeadResult::State::refused) {
        lodestone::ensure(result.problem != nullptr && !result.detail.empty(), "a refusal says why");
        return 0;
    }
    if (result.state != HeadResult::State::complete) return 0;
    lodestone::ensure(result.size_bytes <= size && bytes.substr(0, result.size_bytes).ends_with("\r\n\r\n"),
                      "ends at the empty line");
    for (const HeaderField& field : whole.headers)
        lodestone::ensure(field.value.find_first_of("\r\n") == field.value.npos && !field.name.empty(),
                          "fields are single lines");

    // What follows the head must not change how it is read.
    RequestHead alone;
    scanned = 0;
    const HeadResult again =
        parse_request_head(bytes.substr(0, result.size_bytes), scanned, HeadLimits{}, alone);
    lodestone::ensure(again.state == HeadResult::State::complete && again.size_bytes == result.size_bytes,
                      "independent of what follows");
    check_agreement(bytes.substr(0, result.size_bytes), whole);
    return 0;
}
