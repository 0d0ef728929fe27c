// Whether a node has the secrets that its database is used with. All nodes need the same: one with another
// pepper would know nobody's key, and what it seals with another key nobody else could open. So the first
// node leaves a mark of each in the database, which proves the secret and does not tell it.
#pragma once

#include <string>
#include <vector>

#include "db/tx.hpp"

namespace lodestone::identity {

struct InstallationSecret {
    std::string name;  // "pepper", "sealing_key"
    std::string text;
    std::string where;  // for people: where this node has it from
};

enum class ChangedSecrets : std::uint8_t { refuse, accept };

// Whether every mark is there and is this secret's: then there is nothing to change.
bool are_known(db::Tx& tx, const std::vector<InstallationSecret>& secrets);

// Leaves the marks that are not there yet. Throws Problem(conflict) for a secret whose mark is another's, or,
// when that is accepted, takes it for the installation's from now on.
void check_secrets(db::Tx& tx, const std::vector<InstallationSecret>& secrets, ChangedSecrets changed);

}  // namespace lodestone::identity
