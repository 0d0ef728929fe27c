// What is checked of a key's fields, and the forms in which its lists are stored.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fold_case.hpp"
#include "identity/nouns/key.hpp"

namespace lodestone::identity {

// Networks as the text of a JSON list, and back. Nothing for what render_networks() does not write.
std::string render_networks(const std::vector<std::string>& networks);
std::optional<std::vector<std::string>> parse_networks(std::string_view json);

// These refuse with Problem(invalid_input) that names the field.
void check_key(const Key& key);
void check_expiry(Time expires_at, Time now, std::chrono::seconds longest);
void check_reason(std::string_view reason);

}  // namespace lodestone::identity
