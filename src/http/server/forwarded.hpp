// Who the client really is when trusted proxies stand between: Forwarded (RFC 7239) and X-Forwarded-*,
// believed from the right, hop by hop, only as long as the hop before was a configured proxy.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/headers.hpp"
#include "http/message/network.hpp"
#include "http/server/request.hpp"

namespace lodestone::http {

// Rewrites `peer` (whose address is the socket's) in place. Malformed elements end the walk: what stands left
// of one is not believed, and neither is what follows limits::proxy_hops.
//
// - A peer on a Unix socket is a trusted proxy only if `trusted_proxies` holds the network "unix".
// - is_local becomes false when a proxy spoke: a configured one, or any whose traces are in the headers.
// - Forwarded goes before X-Forwarded-*, which is then not read. But a proxy that writes only X-Forwarded-For
//   lets a client's own Forwarded pass; so when both are there and disagree about the nearest hop, nobody is
//   believed and the proxy stays the peer.
void apply_forwarded(const ReceivedHeaders& headers, std::span<const Network> trusted_proxies, Peer& peer);

}  // namespace lodestone::http
