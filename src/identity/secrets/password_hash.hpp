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

// What a check did: two that did as much took as long.
struct PasswordWork {
    int argon2id = 0;  // hashes at our own cost, or at another's
    std::uint64_t bcrypt_rounds = 0;
    bool operator==(const PasswordWork&) const = default;
};

struct PasswordVerdict {
    bool is_right = false;
    bool is_outdated = false;  // right, and stored in a way that we would not choose today
    PasswordWork work;
};

// In the text form that all argon2 libraries share. Nothing when there is no memory for it now.
std::optional<std::string> hash_password(std::string_view password, const PasswordCost& cost);

// Wrong for a stored text that is none of ours. `bcrypt_rounds`: of the dearest bcrypt hash that it may be
// compared with, as a power of two; 0: there are none. Whatever kind of hash is stored, the work is then the
// same: one argon2id and so many rounds.
PasswordVerdict check_password(std::string_view stored_hash, std::string_view password,
                               const PasswordCost& cost, int bcrypt_rounds = 0);

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
