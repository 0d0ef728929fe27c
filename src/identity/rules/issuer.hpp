// Who may vouch for others: what an issuer's address can be.
#pragma once

#include <string_view>

namespace lodestone::identity {

// Codes, secrets and keys go over https only; http is for what runs on this machine.
bool is_safe_url(std::string_view url);

// Empty when it can be an issuer; else a clause about it. It is compared byte by byte with what tokens say.
std::string_view find_issuer_fault(std::string_view issuer);

}  // namespace lodestone::identity
