// The password database, asked in the way that threads may.
#include "base/user_name.hpp"

#include <pwd.h>

#include <array>

namespace lodestone {

std::string find_user_name(uid_t user) {
    passwd entry{};
    std::array<char, 4096> names{};
    passwd* found = nullptr;
    ::getpwuid_r(user, &entry, names.data(), names.size(), &found);
    return found == nullptr ? std::to_string(user) : found->pw_name;
}

}  // namespace lodestone
