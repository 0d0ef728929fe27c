// Codes of the second factor, each good once.
#include "identity/sign_in/second_factor_check.hpp"

#include "identity/secrets/recovery_code.hpp"
#include "identity/secrets/totp.hpp"

namespace lodestone::identity {

std::string second_factor_place(const TenantId& tenant, const UserId& user) {
    return "second factor " + tenant.text() + " " + user.text();
}

bool spend_code(db::Tx& tx, const TenantId& tenant, const Credentials& credentials, std::string_view code,
                const Vault& vault) {
    if (!credentials.has_second_factor()) return false;
    const UserId& user = credentials.user_id;
    const std::string place = second_factor_place(tenant, user);
    const auto secret = vault.sealer.open(credentials.totp_secret->value, place);
    if (!secret)
        throw Problem(problems::unavailable,
                      "The second factor cannot be checked here; ask whoever runs this server.")
            .with_internal("the second factor of " + user.text() +
                           " was sealed with a key that is not among the sealing keys");
    if (const auto step = find_totp_step(*secret, code, tx.now(), credentials.totp_last_step))
        return spend_step(tx, tenant, user, *step);
    const auto recovery = parse_recovery_code(code);
    return recovery && spend_recovery_code(tx, tenant, user, vault.hasher.hash(place, *recovery));
}

}  // namespace lodestone::identity
