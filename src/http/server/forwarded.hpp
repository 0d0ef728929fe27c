// Who the client really is when trusted proxies stand between: Forwarded (RFC 7239) or X-Forwarded-*,
// believed from the right, hop by hop, only as long as the hop before was a configured proxy.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/message/headers.hpp"
#include "http/message/network.hpp"
#include "http/server/request.hpp"

namespace lodestone::http {

// The family of headers that the operator's proxies write. The other one is never read: a proxy lets pass
// what it does not write itself, and so a client could speak in its name.
enum class ForwardedFamily : std::uint8_t { x_forwarded, forwarded };

// Rewrites `peer` (whose address is the socket's) in place. Malformed elements end the walk: what stands left
// of one is not believed, and neither is what follows limits::proxy_hops.
//
// - A peer on a Unix socket is a trusted proxy only if `trusted_proxies` holds the network "unix".
// - is_local becomes false when a proxy spoke: a configured one, or any whose traces are in the headers.
void apply_forwarded(const ReceivedHeaders& headers, std::span<const Network> trusted_proxies,
                     ForwardedFamily family, Peer& peer);

}  // namespace lodestone::http
