// Fuzzes addresses and networks, as text and as bytes: text survives being written, and no wrapping makes a
// private IPv4 address public.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "http/message/network.hpp"

using lodestone::ensure;
using namespace lodestone::http;

namespace {

void check_text(std::string_view text) {
    if (const auto address = parse_address(text)) {
        ensure(parse_address(address->to_text()) == address, "an address survives being written");
        ensure(parse_network(text)->contains(*address), "an address is a network of one");
        is_globally_reachable(*address);
    }
    if (const auto port = parse_port(text)) ensure(std::to_string(*port) == text, "a port has one spelling");
    if (const auto network = parse_network(text)) {
        ensure(network->is_unix || network->contains(network->base), "a network contains its first address");
        ensure(network->prefix_bits >= 0 && network->prefix_bits <= 128, "prefixes fit");
    }
}

Address wrap(const std::uint8_t* four, std::initializer_list<std::uint8_t> prefix) {
    Address address;
    std::copy(prefix.begin(), prefix.end(), address.bytes.begin());
    std::copy(four, four + 4, address.bytes.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
    return address;
}

void check_bytes(const std::uint8_t* bytes) {
    Address address;
    std::copy(bytes, bytes + 16, address.bytes.begin());
    ensure(parse_address(address.to_text()) == address, "every address can be written and read");

    const auto mapped = wrap(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff});
    ensure(mapped.is_v4(), "mapped addresses are IPv4");
    const bool is_reachable = is_globally_reachable(mapped);
    const bool is_private = bytes[0] == 10 || bytes[0] == 127 || (bytes[0] == 169 && bytes[1] == 254) ||
                            (bytes[0] == 192 && bytes[1] == 168) || bytes[0] >= 224 || bytes[0] == 0;
    ensure(!is_reachable || !is_private, "private is not public");
    const auto translated = wrap(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0});
    const auto relayed = wrap(bytes, {0x20, 0x02});
    ensure(is_globally_reachable(translated) == is_reachable, "NAT64 is judged by what it leads to");
    ensure(is_globally_reachable(relayed) == is_reachable, "6to4 is judged by what it leads to");
    ensure(address.is_v4() || !is_globally_reachable(address) || (bytes[0] >> 5) == 1 ||
               translated == address || bytes[1] == 0x64,
           "other IPv6 is public only in 2000::/3");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_text({reinterpret_cast<const char*>(data), size});
    if (size >= 16) check_bytes(data);
    return 0;
}
