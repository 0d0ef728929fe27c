// TOTP: HMAC-SHA-1, truncated to six digits, as all authenticator apps compute it.
#include "identity/secrets/totp.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "base/ensure.hpp"
#include "identity/secrets/keyed_hash.hpp"

namespace lodestone::identity {

namespace {

// RFC 4226, section 5.3.
std::uint32_t truncate(std::string_view secret, std::uint64_t counter) {
    std::array<unsigned char, 8> message{};
    for (auto byte = message.rbegin(); byte != message.rend(); ++byte, counter >>= 8)
        *byte = static_cast<unsigned char>(counter & 0xFF);
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    ensure(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), message.data(), message.size(),
                mac.data(), &size) != nullptr,
           "OpenSSL has HMAC-SHA-1");
    const std::size_t at = mac[size - 1] & 0x0F;
    return (std::uint32_t{mac[at]} & 0x7F) << 24 | std::uint32_t{mac[at + 1]} << 16 |
           std::uint32_t{mac[at + 2]} << 8 | std::uint32_t{mac[at + 3]};
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                              std::string_view("-._~").find(c) != std::string_view::npos;
        if (is_plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += hex[byte >> 4];
        out += hex[byte & 0x0F];
    }
    return out;
}

}  // namespace

std::string make_totp_secret(Random& random) {
    std::array<std::uint8_t, 20> bytes{};
    random.fill(bytes);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::int64_t totp_step(Time at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch() / totp_period;
}

std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
    std::uint32_t rest = truncate(secret, static_cast<std::uint64_t>(step));
    std::string code(static_cast<std::size_t>(digits), '0');
    for (auto digit = code.rbegin(); digit != code.rend(); ++digit, rest /= 10)
        *digit = static_cast<char>('0' + rest % 10);
    return code;
}

std::optional<std::int64_t> find_totp_step(std::string_view secret, std::string_view code, Time now,
                                           std::optional<std::int64_t> last_step) {
    const std::int64_t middle = totp_step(now);
    std::optional<std::int64_t> found;
    // All three are computed, whichever fits.
    for (const std::int64_t step : {middle - 1, middle, middle + 1}) {
        const bool is_new = !last_step || step > *last_step;
        if (is_equal_secret(totp_code(secret, step), code) && is_new) found = step;
    }
    return found;
}

std::string render_base32(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 5; count -= 5) out += alphabet[bits >> (count - 5) & 0x1F];
    }
    if (count > 0) out += alphabet[bits << (5 - count) & 0x1F];
    return out;
}

std::string render_totp_url(std::string_view issuer, std::string_view account, std::string_view secret) {
    const std::string from = percent_encode(issuer);
    return "otpauth://totp/" + from + ":" + percent_encode(account) + "?secret=" + render_base32(secret) +
           "&issuer=" + from;
}

}  // namespace lodestone::identity
