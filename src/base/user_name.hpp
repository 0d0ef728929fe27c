// What the system calls a user, for sentences that people read.
#pragma once

#include <sys/types.h>

#include <string>

namespace lodestone {

// The number, where the system has no name for it. From any thread.
std::string find_user_name(uid_t user);

}  // namespace lodestone
