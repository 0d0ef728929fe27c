// Where an issuer has its keys and endpoints: the document at <issuer>/.well-known/openid-configuration
// (OpenID Connect Discovery).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lodestone::identity {

struct IssuerEndpoints {
    std::string issuer;
    std::string keys_url;
    std::string authorization_url;      // empty for issuers that nobody signs in with
    std::string token_url;              // likewise
    bool takes_secret_in_body = false;  // it does not take HTTP Basic at the token endpoint
};

// Either the endpoints or `fault`, a clause about the document.
struct DiscoveryResult {
    std::optional<IssuerEndpoints> endpoints;
    std::string_view fault;
};

// The document must say the very issuer that was asked: it is what its tokens are compared with.
DiscoveryResult parse_discovery(std::string_view text, std::string_view issuer);

std::string discovery_url(std::string_view issuer);

}  // namespace lodestone::identity
