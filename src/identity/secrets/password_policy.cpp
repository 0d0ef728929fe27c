// Judging passwords: their length, how many guesses come before them, and what the tenant asks for besides.
#include "identity/secrets/password_policy.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/fold_case.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace lodestone::identity {

namespace {

// What is tried first, everywhere. A password that consists of these and of digits and signs around them is
// one of them; runs, repetitions and the user's own names are found by rule.
constexpr std::array<std::string_view, 68> first_guesses{
    "password",   "passwort",      "passw0rd",   "p@ssword",
    "p@ssw0rd",   "pa$$word",      "pa$$w0rd",   "passphrase",
    "motdepasse", "contraseña",    "wachtwoord", "senha",
    "qwerty",     "qwertyuiop",    "qwertz",     "azerty",
    "asdfgh",     "asdfghjkl",     "zxcvbn",     "zxcvbnm",
    "1q2w3e4r",   "1q2w3e4r5t",    "1qaz2wsx",   "qazwsx",
    "admin",      "administrator", "root",       "toor",
    "letmein",    "welcome",       "willkommen", "changeme",
    "change-me",  "changeit",      "default",    "secret",
    "geheim",     "iloveyou",      "sunshine",   "princess",
    "football",   "baseball",      "monkey",     "dragon",
    "superman",   "batman",        "pokemon",    "starwars",
    "trustno1",   "whatever",      "computer",   "internet",
    "samsung",    "charlie",       "michael",    "jennifer",
    "liverpool",  "hello",         "test",       "testing",
    "guest",      "login",         "access",     "master",
    "hunter2",    "abc123",        "lodestone",  "correcthorsebatterystaple"};

bool is_letter(char32_t c) {
    return (c >= 'a' && c <= 'z') || c >= 0x80;
}

// "password" of "Password123!", by the folded form.
std::string_view strip_ornaments(std::string_view folded) {
    const auto is_ornament = [](char c) { return !is_letter(static_cast<unsigned char>(c)); };
    while (!folded.empty() && is_ornament(folded.front())) folded.remove_prefix(1);
    while (!folded.empty() && is_ornament(folded.back())) folded.remove_suffix(1);
    return folded;
}

// "passwordpassword": one guess, several times.
bool is_repeated(std::string_view text, std::string_view part) {
    if (part.empty() || text.size() % part.size() != 0) return false;
    for (; !text.empty(); text.remove_prefix(part.size()))
        if (!text.starts_with(part)) return false;
    return true;
}

bool is_first_guess(std::string_view folded) {
    const std::string_view core = strip_ornaments(folded);
    return std::ranges::any_of(first_guesses, [&](std::string_view guess) {
        return is_repeated(folded, guess) || is_repeated(core, strip_ornaments(guess));
    });
}

// "aaaaaaaaaaaa", "123123123123", "abcdefghijkl", "987654321098".
bool is_monotonous(const std::u32string& characters) {
    const std::set<char32_t> different(characters.begin(), characters.end());
    if (different.size() < 5) return true;
    std::size_t steps_up = 0;
    std::size_t steps_down = 0;
    for (std::size_t i = 1; i < characters.size(); ++i) {
        if (characters[i] == characters[i - 1] + 1) ++steps_up;
        if (characters[i] + 1 == characters[i - 1]) ++steps_down;
    }
    // One place where the run begins anew is allowed for: "9" is followed by "0".
    return std::max(steps_up, steps_down) + 2 >= characters.size();
}

std::optional<std::string> find_missing_class(std::string_view password, const PasswordPolicy& policy) {
    bool has_upper = false;
    bool has_lower = false;
    bool has_digit = false;
    bool has_special = false;
    const std::string folded = fold_case(password);
    // Folding changes capitals and nothing else.
    has_upper = folded != password;
    for (const char c : password) {
        has_lower |= c >= 'a' && c <= 'z';
        has_digit |= c >= '0' && c <= '9';
        has_special |= !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
    }
    if (policy.needs_upper && !has_upper) return "needs a capital letter.";
    if (policy.needs_lower && !has_lower) return "needs a small letter.";
    if (policy.needs_digit && !has_digit) return "needs a digit.";
    if (policy.needs_special && !has_special) return "needs a character that is neither letter nor digit.";
    return std::nullopt;
}

// The part of an address before "@" is what people use again.
bool is_in(std::string_view personal, std::string_view folded_password) {
    const std::string folded = fold_case(personal.substr(0, personal.find('@')));
    constexpr std::size_t shortest = 4;  // "al" is in too many words
    return folded.size() >= shortest && folded_password.find(folded) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> find_password_fault(std::string_view password, const PasswordPolicy& policy,
                                               std::span<const std::string> personal) {
    if (password.size() > limits::password_bytes) return "is too long: 1024 bytes is the most.";
    if (!is_utf8(password) || password.find('\0') != std::string_view::npos) return "is not UTF-8 text.";
    std::u32string characters;
    for (std::string_view rest = password; !rest.empty();) {
        const CodePoint next = decode_code_point(rest);
        characters += next.value;
        rest.remove_prefix(next.size_bytes);
    }
    if (static_cast<std::int64_t>(characters.size()) < policy.min_length)
        return "is too short: " + std::to_string(policy.min_length) + " characters is the least.";
    if (auto missing = find_missing_class(password, policy)) return missing;
    const std::string folded = fold_case(password);
    if (is_monotonous(characters) || is_first_guess(folded))
        return "is one of the first that anybody would try; choose another.";
    if (std::ranges::any_of(personal, [&](const std::string& part) { return is_in(part, folded); }))
        return "holds the user's name or e-mail address; choose another.";
    return std::nullopt;
}
static_assert(limits::password_bytes == 1024, "the sentence above says so");

}  // namespace lodestone::identity
