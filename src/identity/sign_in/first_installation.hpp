// What an installation begins with: the platform's tenant, a first tenant with an app, and an administrator
// who owns it. Made once, in one transaction, however many nodes start at the same time.
#pragma once

#include <string>
#include <string_view>

#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

inline constexpr std::string_view first_tenant = "default";
inline constexpr std::string_view first_app = "main";
inline constexpr std::string_view first_username = "admin";

struct FirstAdministrator {
    UserId id;
    OwnershipTransferId transfer;
    std::string password_hash;
    bool must_change_password = true;
};

// Whether it was made already, in which case make_first_installation() has nothing to do.
bool is_installed(db::Tx& tx);

// False: somebody else made it, or there are tenants that came before it.
bool make_first_installation(db::Tx& tx, const FirstAdministrator& administrator);

}  // namespace lodestone::identity
