// The grammar of what people are addressed by, in ASCII: a look-alike letter would be another person.
#include "identity/nouns/addresses.hpp"

#include <algorithm>
#include <string>

#include "base/field_problem.hpp"
#include "base/limits.hpp"

namespace lodestone::identity {

namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_letter_or_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool consists_of(std::string_view text, std::string_view others) {
    return std::ranges::all_of(
        text, [others](char c) { return is_letter_or_digit(c) || others.find(c) != std::string_view::npos; });
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= 63 && consists_of(label, "-") && label.front() != '-' &&
           label.back() != '-';
}

bool is_host_name(std::string_view name) {
    if (name.size() > limits::domain_bytes) return false;
    for (;;) {
        const std::size_t dot = name.find('.');
        if (!is_label(name.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        name.remove_prefix(dot + 1);
    }
}

// RFC 5321's dot-string: what a quoted local part could hold besides is in nobody's address.
bool is_local_part(std::string_view local) {
    return !local.empty() && local.size() <= 64 && consists_of(local, "!#$%&'*+-/=?^_`{|}~.") &&
           local.front() != '.' && local.back() != '.' && local.find("..") == std::string_view::npos;
}

[[noreturn]] void refuse(std::string_view field, std::string_view wish) {
    throw field_problem(field, std::string("must be ").append(wish));
}

}  // namespace

void check_username(std::string_view field, std::string_view username) {
    if (username.size() >= 3 && username.size() <= limits::username_bytes && consists_of(username, "_-.@"))
        return;
    refuse(field, "3 to 64 of the letters a to z, digits and _ - . @.");
}
static_assert(limits::username_bytes == 64, "the sentence above says so");

void check_email(std::string_view field, std::string_view email) {
    const std::size_t at = email.rfind('@');
    if (email.size() <= limits::email_bytes && at != std::string_view::npos &&
        is_local_part(email.substr(0, at)) && is_host_name(email.substr(at + 1)))
        return;
    refuse(field, "an e-mail address, such as alice@acme.example.");
}

void check_phone(std::string_view field, std::string_view phone) {
    const bool has_digits = std::ranges::count_if(phone, is_digit) >= 3;
    const bool is_phone = std::ranges::all_of(phone, [](char c) {
        return is_digit(c) || std::string_view("+()-./ ").find(c) != std::string_view::npos;
    });
    if (has_digits && is_phone && phone.size() <= limits::phone_bytes) return;
    refuse(field, "a phone number of at most 32 digits, spaces and + ( ) - . /");
}
static_assert(limits::phone_bytes == 32, "the sentence above says so");

void check_domain(std::string_view field, std::string_view domain) {
    if (!is_host_name(domain)) refuse(field, "a domain, such as acme.example.");
}

}  // namespace lodestone::identity
