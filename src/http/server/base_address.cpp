// Our own address, as clients know it.
#include "http/server/base_address.hpp"

#include "http/server/request.hpp"

namespace lodestone::http {

std::string base_address(const Request& request) {
    if (!request.public_url.empty()) {
        std::string_view base = request.public_url;
        while (base.ends_with('/')) base.remove_suffix(1);
        return std::string(base);
    }
    if (request.peer.host.empty()) return {};
    return (request.peer.is_secure ? "https://" : "http://") + request.peer.host;
}

}  // namespace lodestone::http
