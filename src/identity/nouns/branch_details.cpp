// The ranges and grammars of a branch's details.
#include "identity/nouns/branch_details.hpp"

#include <algorithm>

#include "identity/nouns/addresses.hpp"
#include "identity/nouns/typed_json.hpp"

namespace lodestone::identity {

namespace {

constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Letters, digits and the others, beginning with a letter.
bool is_word(const std::string& text, std::string_view others) {
    return !text.empty() && text.size() <= 64 && is_letter(text.front()) &&
           std::ranges::all_of(text, [others](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
           });
}

bool is_currency(const std::string& text) {
    return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

void check_degrees(const std::string& path, std::optional<double> degrees, double most) {
    if (degrees && !(*degrees >= -most && *degrees <= most))
        refuse_field(path, "degrees from -" + std::to_string(static_cast<int>(most)) + " to " +
                               std::to_string(static_cast<int>(most)));
}

}  // namespace

BranchAddress parse_branch_address(std::string_view text) {
    auto address = read_typed<BranchAddress>("address", text);
    check_degrees("address.latitude", address.latitude, 90);
    check_degrees("address.longitude", address.longitude, 180);
    return address;
}

BranchContact parse_branch_contact(std::string_view text) {
    auto contact = read_typed<BranchContact>("contact", text);
    if (contact.phone) check_phone("contact.phone", *contact.phone);
    if (contact.email) check_email("contact.email", *contact.email);
    if (contact.fax) check_phone("contact.fax", *contact.fax);
    return contact;
}

BranchSettings parse_branch_settings(std::string_view text) {
    auto settings = read_typed<BranchSettings>("settings", text);
    if (settings.timezone && !is_word(*settings.timezone, "/_+-"))
        refuse_field("settings.timezone", "a time zone, such as Europe/Berlin");
    if (settings.currency && !is_currency(*settings.currency))
        refuse_field("settings.currency", "three capital letters, such as EUR");
    if (settings.language && !is_word(*settings.language, "-"))
        refuse_field("settings.language", "a language, such as de or de-CH");
    return settings;
}

}  // namespace lodestone::identity
