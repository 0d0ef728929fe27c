// What a tenant asks of its people's passwords. Length is what counts; classes of characters are asked for
// only where a tenant says so.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lodestone::identity {

struct PasswordPolicy {
    std::int64_t min_length = 12;  // in characters, not bytes
    bool needs_upper = false;
    bool needs_lower = false;
    bool needs_digit = false;
    bool needs_special = false;
    std::int64_t max_age_days = 0;  // then it must be changed; 0: never

    bool operator==(const PasswordPolicy&) const = default;
};

// Why a password is refused, as the end of a sentence that begins with "The password": nothing when it is
// fine. `personal`: what must not be in it, such as the user's name and e-mail address.
std::optional<std::string> find_password_fault(std::string_view password, const PasswordPolicy& policy,
                                               std::span<const std::string> personal);

}  // namespace lodestone::identity
