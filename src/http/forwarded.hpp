// Who the client really is when trusted proxies stand between: Forwarded (RFC 7239) and X-Forwarded-*,
// believed from the right, hop by hop, only as long as the hop before was a configured proxy.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/headers.hpp"
#include "http/network.hpp"
#include "http/request.hpp"

namespace lodestone::http {

// Rewrites `peer` (whose address is the socket's) in place. Malformed elements end the walk: what stands left
// of one is not believed.
void apply_forwarded(const ReceivedHeaders& headers, std::span<const Network> trusted_proxies, Peer& peer);

}  // namespace lodestone::http
