// Codes that an app on a phone makes from a shared secret and the time.
// https://www.rfc-editor.org/rfc/rfc6238
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace lodestone::identity {

inline constexpr int totp_digits = 6;
inline constexpr std::chrono::seconds totp_period{30};

std::string make_totp_secret(Random& random);  // 20 bytes

std::int64_t totp_step(Time at);
std::string totp_code(std::string_view secret, std::int64_t step, int digits = totp_digits);

// The step whose code this is: now, or one to either side, since clocks differ. Never one at or before
// `last_step`: what was overheard cannot be used again. Nothing when it is none.
std::optional<std::int64_t> find_totp_step(std::string_view secret, std::string_view code, Time now,
                                           std::optional<std::int64_t> last_step);

// RFC 4648, section 6, without padding: what people type when they cannot scan.
std::string render_base32(std::string_view bytes);
// "otpauth://totp/Lodestone:alice?secret=…": what the square picture holds.
std::string render_totp_url(std::string_view issuer, std::string_view account, std::string_view secret);

}  // namespace lodestone::identity
