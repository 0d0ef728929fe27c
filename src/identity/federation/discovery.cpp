// Every address in the document must be as safe as the issuer's own.
#include "identity/federation/discovery.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/strict_json.hpp"
#include "identity/rules/issuer.hpp"

namespace lodestone::identity {

namespace {

namespace json = boost::json;

// Nothing unless it may be talked to: what goes there are codes and secrets.
std::optional<std::string> find_url(const json::object& document, std::string_view name) {
    const json::value* const value = document.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    std::string text(value->get_string());
    return is_safe_url(text) ? std::optional(std::move(text)) : std::nullopt;
}

bool lists(const json::object& document, std::string_view name, std::string_view wanted) {
    const json::value* const value = document.if_contains(name);
    return value != nullptr && value->is_array() &&
           std::ranges::any_of(value->get_array(), [wanted](const json::value& item) {
               return item.is_string() && std::string_view(item.get_string()) == wanted;
           });
}

}  // namespace

DiscoveryResult parse_discovery(std::string_view text, std::string_view issuer) {
    const StrictJson document = parse_strict_json(text, limits::issuer_document_bytes);
    if (!document.object) return {{}, document.fault};
    const json::value* const said = document.object->if_contains("issuer");
    if (said == nullptr || !said->is_string() || std::string_view(said->get_string()) != issuer)
        return {{}, "is about another issuer"};
    auto keys_url = find_url(*document.object, "jwks_uri");
    if (!keys_url) return {{}, "has no usable \"jwks_uri\""};
    IssuerEndpoints endpoints{.issuer = std::string(issuer), .keys_url = *std::move(keys_url)};
    endpoints.authorization_url = find_url(*document.object, "authorization_endpoint").value_or("");
    endpoints.token_url = find_url(*document.object, "token_endpoint").value_or("");
    // Without a word about it HTTP Basic is what it takes.
    constexpr std::string_view methods = "token_endpoint_auth_methods_supported";
    endpoints.takes_secret_in_body = lists(*document.object, methods, "client_secret_post") &&
                                     !lists(*document.object, methods, "client_secret_basic");
    return {std::move(endpoints), {}};
}

std::string discovery_url(std::string_view issuer) {
    if (issuer.ends_with('/')) issuer.remove_suffix(1);
    return std::string(issuer) + "/.well-known/openid-configuration";
}

}  // namespace lodestone::identity
