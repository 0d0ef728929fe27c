// How identity's parts hang together.
#include "identity/identity.hpp"

#include <utility>
#include <vector>

#include "db/database.hpp"

namespace lodestone::identity {

Identity::Identity(Context& context, IdentityOptions options)
    : vault(options.vault, context.clock, context.random),
      gate(context, std::move(options.gate), vault.hasher, &vault.key_uses) {
    if (context.database == nullptr) return;
    context.database->tell_of_writes(
        [this](const std::vector<db::Change>& changes) { gate.note_changes(changes); });
}

void Identity::stop() {
    gate.stop_watching();
    vault.passwords.stop();
}

}  // namespace lodestone::identity
