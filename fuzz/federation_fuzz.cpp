// Fuzzes what other issuers publish and sign: JSON that is read strictly, key sets, discovery documents,
// tokens. Nothing that the fuzzer writes is believed without a signature.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "base/strict_json.hpp"
#include "identity/federation/discovery.hpp"
#include "identity/federation/issued_token.hpp"
#include "identity/federation/issuer_key.hpp"
#include "identity/nouns/identity_provider.hpp"
#include "identity/rules/issuer.hpp"

using namespace lodestone;
using namespace lodestone::identity;

namespace {

constexpr Time now{std::chrono::seconds{1'800'000'000}};

const std::vector<IssuerKey>& known_keys() {
    // RFC 8037, appendix A.
    static const KeySet set = parse_key_set(
        R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
    return set.keys;
}

void check_token(std::string_view text) {
    const auto parsed = parse_issued_token(text);
    ensure(parsed.token.has_value() == parsed.fault.empty(), "a token or a fault");
    if (!parsed.token) return;
    const TokenRules rules{.issuer = "https://idp.example", .audience = "lodestone", .nonce = {}};
    ensure(!parsed.token->verify(known_keys(), rules, now).claims, "nobody forges a signature");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    const auto json = parse_strict_json(text, limits::issuer_document_bytes);
    ensure(json.object.has_value() == json.fault.empty(), "an object or a fault");
    const StrictValue value = parse_strict_value(text, 32);
    ensure(value.value.has_value() == (value.fault == JsonFault::none), "a value or a fault");
    const KeySet set = parse_key_set(text);
    ensure(set.keys.empty() != set.fault.empty(), "keys or a fault");
    for (const IssuerKey& key : set.keys) ensure(!has_signed(key, "text", "signature"), "that is none");
    const auto discovery = parse_discovery(text, "https://idp.example");
    ensure(discovery.endpoints.has_value() == discovery.fault.empty(), "endpoints or a fault");
    (void)find_issuer_fault(text);
    (void)parse_group_roles(text);
    check_token(text);
    return 0;
}
