// Fuzzes what is read of tokens, tickets, stored passwords, recovery codes, networks and settings. What is
// read and can be written again comes out as it went in.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "identity/nouns/key_fields.hpp"
#include "identity/nouns/sign_in_settings.hpp"
#include "identity/secrets/base62.hpp"
#include "identity/secrets/password_hash.hpp"
#include "identity/secrets/recovery_code.hpp"
#include "identity/secrets/ticket.hpp"
#include "identity/secrets/token_text.hpp"

using lodestone::ensure;
using namespace lodestone::identity;

namespace {

// Made here or not, and what a ticket says, whoever made it.
void read_ticket(std::string_view text) {
    static const KeyedHash hasher("the pepper of this harness");
    if (const auto ticket = parse_ticket(text, hasher))
        ensure(render_ticket(*ticket, hasher) == text, "a ticket has one spelling");
    if (const auto ticket = parse_ticket_body(text)) {
        ensure(render_ticket_body(*ticket) == text, "what a ticket says is said in one way");
        const auto made = render_ticket(*ticket, hasher);
        ensure(!made || parse_ticket(*made, hasher) == ticket, "a ticket of ours is read");
        ensure(!made || made->size() <= lodestone::limits::credential_bytes, "tickets are short");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    if (const auto token = parse_token(text)) {
        const bool is_alias = text.starts_with("hf_");
        ensure((is_alias ? render_hf_alias(*token) : render_token(*token)) == text,
               "a token has one spelling");
        ensure(parse_token(render_token(*token)) == token, "an alias is a key");
    }
    read_ticket(text);
    if (const auto bytes = parse_base62(text))
        ensure(render_base62(*bytes) == text, "bytes have one spelling");
    ensure(parse_base62(render_base62(text)) == text, "whatever bytes there are");
    if (const auto parts = parse_password_hash(text))
        ensure(parts->cost.memory_kib <= 256 * 1024 && parts->bcrypt_rounds <= 14, "costs are bounded");
    if (const auto code = parse_recovery_code(text))
        ensure(parse_recovery_code(*code) == code, "a code as it was made is a code");
    if (const auto networks = parse_networks(text))
        ensure(parse_networks(render_networks(*networks)) == networks, "networks survive being stored");
    const SignInSettings settings = parse_sign_in_settings(text);
    ensure(settings.keys.usual <= settings.keys.longest && settings.session.access.count() > 0,
           "settings are within bounds");
    return 0;
}
