// What people are addressed by: usernames, e-mail addresses, phone numbers, domains. Each check refuses with
// a sentence that names the field.
#pragma once

#include <string_view>

namespace lodestone::identity {

// 3 to 64 letters, digits and _ - . @: whatever else a username could hold would have to be escaped by
// somebody.
void check_username(std::string_view field, std::string_view username);
// One @ between a local part and a host name, 254 bytes at most. Whether it exists, only a letter to it can
// tell.
void check_email(std::string_view field, std::string_view email);
// 3 to 32 digits and + ( ) - . / and spaces.
void check_phone(std::string_view field, std::string_view phone);
// A host name: labels of letters, digits and hyphens, with dots between them.
void check_domain(std::string_view field, std::string_view domain);

}  // namespace lodestone::identity
