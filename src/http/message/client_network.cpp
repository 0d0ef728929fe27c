// Networks lie in one another by their prefixes.
#include "http/message/client_network.hpp"

namespace lodestone::http {

bool is_within(const Network& inner, const Network& outer) {
    if (inner.is_unix || outer.is_unix) return inner.is_unix && outer.is_unix;
    return outer.prefix_bits <= inner.prefix_bits && outer.contains(inner.base);
}

std::string client_of(std::string_view peer) {
    const auto parsed = parse_address(peer);
    return parsed ? client_prefix(*parsed).to_text() : std::string(peer);
}

}  // namespace lodestone::http
