// What a repository has to be, and must not have, because of its kind. docs/adr/0022-kinds-of-repositories.md
// says why it is so.
#pragma once

#include <string>
#include <vector>

#include "db/tx.hpp"
#include "packages/repository.hpp"

namespace lodestone::packages {

// These throw Problem(invalid_input) that names the field.

// Its format is one of those, and serves its kind.
void check_is_served(const Repository& repository, Formats formats);
// It has the settings that its kind cannot do without, and none that mean nothing to it.
void check_settings_of_kind(const Repository& repository);
// What it shows its upstream goes to the host only that it was given for: whoever may change the address need
// not know the secret, and must not get to know it.
void check_secret_stays(const Repository& before, const Repository& after);

// Those that a group has and had not before, in its order: they are there, of its tenant and format, and no
// groups. Nothing for other kinds. To be a member gives nobody a right: whoever fetches through the group has
// to be asked whether they might fetch from the member.
std::vector<Repository> find_added_members(db::Tx& tx, const TenantId& tenant, const Repository& after,
                                           const Repository* before = nullptr);

// Where Repository::upstream_secret is sealed, and opens.
std::string upstream_secret_place(const TenantId& tenant, const RepositoryId& repository);

// The refusal of whatever is published to a repository of another kind than hosted, for publish() and for
// whoever asks before the bytes are sent. Throws Problem(conflict).
void check_takes_publications(RepositoryKind kind, std::string_view name);

}  // namespace lodestone::packages
