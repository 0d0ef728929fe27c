// Passwords as they are stored: argon2id for our own; bcrypt, which other systems used, is checked too and
// replaced when its owner signs in. These functions take a core for tens of milliseconds: call them by
// PasswordThreads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone::identity {

// OWASP's second recommendation: 19 MiB, twice over, one lane.
struct PasswordCost {
    std::uint64_t passes = 2;
    std::size_t memory_kib = std::size_t{19} * 1024;
    bool operator==(const PasswordCost&) const = default;
};

struct PasswordVerdict {
    bool is_right = false;
    bool is_outdated = false;  // right, and stored in a way that we would not choose today
};

// In the text form that all argon2 libraries share. Nothing when there is no memory for it now.
std::optional<std::string> hash_password(std::string_view password, const PasswordCost& cost);

// Wrong for a stored text that is none of ours.
PasswordVerdict check_password(std::string_view stored_hash, std::string_view password,
                               const PasswordCost& cost);

// A hash that no password fits and that takes as long to check as another: for users that are not there.
std::string make_decoy_hash(const PasswordCost& cost);

enum class PasswordAlgorithm : std::uint8_t { argon2id, bcrypt };
struct PasswordHashParts {
    PasswordAlgorithm algorithm = PasswordAlgorithm::argon2id;
    PasswordCost cost;  // of argon2id
    std::uint64_t lanes = 1;
    int bcrypt_rounds = 0;  // as a power of two
};
// Of a stored or imported hash. Nothing for other algorithms, and for costs that would keep a thread for
// seconds or take the memory of everybody else.
std::optional<PasswordHashParts> parse_password_hash(std::string_view text);

}  // namespace lodestone::identity
