// argon2id by libsodium, bcrypt by libxcrypt.
// https://www.rfc-editor.org/rfc/rfc9106 https://github.com/P-H-C/phc-string-format
#include "identity/secrets/password_hash.hpp"

#include <crypt.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/limits.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "identity/secrets/sodium.hpp"

namespace lodestone::identity {

namespace {

constexpr std::string_view argon2id_prefix = "$argon2id$v=19$m=";
constexpr std::uint64_t passes_most = 16;
constexpr std::size_t memory_kib_most = 256 * limits::kib;
constexpr std::uint64_t lanes_most = 16;
constexpr int bcrypt_rounds_least = 4;
constexpr int bcrypt_rounds_most = 14;
constexpr std::size_t bcrypt_characters = 60;

bool is_base64(std::string_view text, std::string_view last_two) {
    return std::ranges::all_of(text, [last_two](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               last_two.find(c) != std::string_view::npos;
    });
}

// A number in plain digits, and what follows it.
template <class Number>
bool take_number(std::string_view& text, std::string_view before, Number most, Number& number) {
    if (!text.starts_with(before)) return false;
    text.remove_prefix(before.size());
    if (text.starts_with('0')) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number == 0 || number > most) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
}

std::optional<PasswordHashParts> parse_argon2id(std::string_view text) {
    PasswordHashParts parts;
    if (!take_number(text, argon2id_prefix, memory_kib_most, parts.cost.memory_kib) ||
        !take_number(text, ",t=", passes_most, parts.cost.passes) ||
        !take_number(text, ",p=", lanes_most, parts.lanes) || !text.starts_with('$'))
        return std::nullopt;
    text.remove_prefix(1);
    const auto dollar = text.find('$');
    if (dollar == std::string_view::npos) return std::nullopt;
    const std::string_view salt = text.substr(0, dollar);
    const std::string_view digest = text.substr(dollar + 1);
    constexpr std::string_view signs = "+/";
    if (salt.size() < 11 || digest.size() < 22 || !is_base64(salt, signs) || !is_base64(digest, signs))
        return std::nullopt;  // shorter than 8 and 16 bytes
    return parts;
}

// "$2b$12$" and 53 characters: salt and digest.
std::optional<PasswordHashParts> parse_bcrypt(std::string_view text) {
    if (text.size() != bcrypt_characters || !text.starts_with("$2") || text[3] != '$' || text[6] != '$' ||
        std::string_view("aby").find(text[2]) == std::string_view::npos)
        return std::nullopt;
    PasswordHashParts parts{.algorithm = PasswordAlgorithm::bcrypt};
    const std::string_view rounds = text.substr(4, 2);
    const auto [end, error] = std::from_chars(rounds.data(), rounds.data() + 2, parts.bcrypt_rounds);
    if (error != std::errc{} || end != rounds.data() + 2 || parts.bcrypt_rounds < bcrypt_rounds_least ||
        parts.bcrypt_rounds > bcrypt_rounds_most || !is_base64(text.substr(7), "./"))
        return std::nullopt;
    return parts;
}

bool is_right_for_bcrypt(const std::string& stored, const std::string& password) {
    // bcrypt ends at a NUL; what is behind it must not be free to choose.
    if (password.find('\0') != std::string::npos) return false;
    const auto data = std::make_unique<crypt_data>();
    const char* computed = ::crypt_r(password.c_str(), stored.c_str(), data.get());
    const bool is_right = computed != nullptr && is_equal_secret(computed, stored);
    sodium_memzero(data.get(), sizeof(crypt_data));
    return is_right;
}

std::uint64_t rounds_of(int power) {
    return std::uint64_t{1} << static_cast<unsigned>(power);
}

bool check_argon2id(const std::string& stored, std::string_view password, PasswordWork& work) {
    ++work.argon2id;
    return crypto_pwhash_str_verify(stored.c_str(), password.data(), password.size()) == 0;
}

// A hash that nobody looks at, for the time that it takes.
void spend_bcrypt(int power, std::string_view password, PasswordWork& work) {
    const std::string decoy = (power < 10 ? "$2b$0" : "$2b$") + std::to_string(power) + "$" +
                              std::string(bcrypt_characters - 7, '.');
    (void)is_right_for_bcrypt(decoy, std::string(password));
    work.bcrypt_rounds += rounds_of(power);
}

}  // namespace

std::optional<PasswordHashParts> parse_password_hash(std::string_view text) {
    if (text.size() > limits::password_hash_bytes) return std::nullopt;
    return text.starts_with(argon2id_prefix) ? parse_argon2id(text) : parse_bcrypt(text);
}

std::optional<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
    start_sodium();
    std::string hash(crypto_pwhash_STRBYTES, '\0');
    const int failure = crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes,
                                              cost.memory_kib * limits::kib, crypto_pwhash_ALG_ARGON2ID13);
    if (failure != 0) return std::nullopt;
    hash.resize(hash.find('\0'));
    return hash;
}

PasswordVerdict check_password(std::string_view stored_hash, std::string_view password,
                               const PasswordCost& cost, int bcrypt_rounds) {
    const auto parts = parse_password_hash(stored_hash);
    if (!parts) return {};
    start_sodium();
    const std::string stored(stored_hash);
    PasswordVerdict verdict;
    if (parts->algorithm == PasswordAlgorithm::bcrypt) {
        verdict.is_right = verdict.is_outdated = is_right_for_bcrypt(stored, std::string(password));
        verdict.work.bcrypt_rounds = rounds_of(parts->bcrypt_rounds);
        if (bcrypt_rounds != 0) check_argon2id(make_decoy_hash(cost), password, verdict.work);
        // 2^n + 2^n + 2^(n+1) … + 2^(m-1) = 2^m.
        for (int rounds = parts->bcrypt_rounds; rounds < bcrypt_rounds; ++rounds)
            spend_bcrypt(rounds, password, verdict.work);
        return verdict;
    }
    verdict.is_right = check_argon2id(stored, password, verdict.work);
    verdict.is_outdated = verdict.is_right && (parts->cost != cost || parts->lanes != 1);
    if (bcrypt_rounds != 0) spend_bcrypt(bcrypt_rounds, password, verdict.work);
    return verdict;
}

std::string make_decoy_hash(const PasswordCost& cost) {
    // Salt and digest of the usual lengths; the digest of no password, but for one chance in 2^256.
    return std::string(argon2id_prefix) + std::to_string(cost.memory_kib) +
           ",t=" + std::to_string(cost.passes) + ",p=1$bG9kZXN0b25lLWRlY295IQ$" + std::string(42, 'A') + "E";
}

}  // namespace lodestone::identity
