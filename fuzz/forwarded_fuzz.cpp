// Fuzzes forwarded headers: whatever a client writes in front, the trusted proxy's word at the end is what
// counts, and nobody else's word counts at all.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.hpp"
#include "http/server/forwarded.hpp"

using lodestone::ensure;
using namespace lodestone::http;

namespace {

constexpr std::array<std::string_view, 4> names{"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto",
                                                "X-Forwarded-Host"};

// Lines of a digit, which chooses the name, and a value.
ReceivedHeaders parse_lines(std::string_view text) {
    ReceivedHeaders headers;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty()) continue;
        const auto name = names[static_cast<unsigned char>(line.front()) % names.size()];
        if (!headers.append({name, line.substr(1)})) break;
    }
    return headers;
}

Peer apply(const ReceivedHeaders& headers, std::string address,
           ForwardedFamily family = ForwardedFamily::x_forwarded) {
    static const std::vector<Network> proxies{*parse_network("10.0.0.0/8"), *parse_network("unix")};
    Peer peer;
    peer.address = std::move(address);
    peer.port = 4711;
    peer.is_local = true;
    peer.host = "internal.example";
    apply_forwarded(headers, proxies, family, peer);
    return peer;
}

void check_anything(const ReceivedHeaders& headers) {
    const auto stranger = apply(headers, "192.0.2.1");
    ensure(stranger.address == "192.0.2.1" && stranger.port == 4711 && stranger.host == "internal.example" &&
               !stranger.is_secure,
           "strangers are not believed");
    ensure(stranger.is_local == (headers.size() == 0), "traces of a proxy end locality");
    for (const auto proxy : {"10.0.0.1", "unix"}) {
        for (const auto family : {ForwardedFamily::x_forwarded, ForwardedFamily::forwarded}) {
            const auto peer = apply(headers, proxy, family);
            ensure(peer.address == proxy || parse_address(peer.address), "a believed address is one");
            ensure(!peer.is_local, "what a proxy passes on is not local");
            ensure(peer.host.find_first_of(" \t/@\\\"") == std::string::npos, "a believed host is one");
        }
    }
}

void check_last_word(std::string_view forged) {
    const std::string x_value = std::string(forged) + ", 203.0.113.9";
    const std::string value = std::string(forged) + ", for=\"203.0.113.9:5000\";proto=https";
    ReceivedHeaders x_headers;
    x_headers.append({"X-Forwarded-For", x_value});
    ensure(apply(x_headers, "10.0.0.1").address == "203.0.113.9", "the proxy's X-Forwarded-For counts");
    ReceivedHeaders headers;
    headers.append({"Forwarded", value});
    const auto peer = apply(headers, "10.0.0.1", ForwardedFamily::forwarded);
    ensure(peer.address == "203.0.113.9" && peer.port == 5000 && peer.is_secure,
           "the proxy's Forwarded counts");

    ReceivedHeaders both;
    both.append({"Forwarded", forged});
    both.append({"X-Forwarded-For", "203.0.113.9"});
    ensure(apply(both, "10.0.0.1").address == "203.0.113.9", "the other family is not read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_anything(parse_lines(text));
    check_last_word(text);
    return 0;
}
