// What a user signs in with: a password, a second factor, and what is remembered of failures, so that all
// nodes know of them. One row for each user who has any of it; kept apart from the user, since no list shows
// it.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/secret.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

struct Credentials {
    UserId user_id;
    std::optional<db::Secret<std::string>> password_hash;  // none: signs in elsewhere, or not at all
    std::optional<Time> password_changed_at;
    bool must_change_password = false;
    std::int64_t failed_attempts = 0;  // since the last success
    std::optional<Time> last_failed_at;
    std::optional<Time> blocked_until;
    std::optional<db::Secret<std::string>> totp_secret;  // sealed
    std::optional<Time> totp_confirmed_at;       // none: it was never shown that the user's app has it
    std::optional<std::int64_t> totp_last_step;  // of the last code that was taken
    Time updated_at{};

    bool operator==(const Credentials&) const = default;

    bool has_second_factor() const { return totp_secret && totp_confirmed_at; }
    bool is_blocked(Time now) const { return blocked_until && now < *blocked_until; }
};
BOOST_DESCRIBE_STRUCT(Credentials, (),
                      (user_id, password_hash, password_changed_at, must_change_password, failed_attempts,
                       last_failed_at, blocked_until, totp_secret, totp_confirmed_at, totp_last_step,
                       updated_at))

std::optional<Credentials> find_credentials(db::Tx& tx, const TenantId& tenant, const UserId& user);

// The dearest bcrypt hash that any of the tenant's users has, as a power of two; 0: nobody has one. So long
// as somebody does, every check of a password takes as long as theirs.
int find_bcrypt_rounds(db::Tx& tx, const TenantId& tenant);

enum class MustChange : std::uint8_t { no, yes };
// A new password, already hashed; failures are forgiven. The caller has checked that the user is there.
void store_password(db::Tx& tx, const TenantId& tenant, const UserId& user, const std::string& hash,
                    MustChange must_change = MustChange::no);
// The same password hashed anew; nothing happens when it was changed since.
void replace_hash(db::Tx& tx, const TenantId& tenant, const UserId& user, const std::string& before,
                  const std::string& after);
// Whether the user has to choose another one before anything else.
void require_password_change(db::Tx& tx, const TenantId& tenant, const UserId& user);

// So many failures in a row by now, after which nobody gets in before `blocked_until`. Nothing happens to a
// user without credentials.
void note_failures(db::Tx& tx, const TenantId& tenant, const UserId& user, std::int64_t failures,
                   std::optional<Time> blocked_until);
void forgive_failures(db::Tx& tx, const TenantId& tenant, const UserId& user);

// A second factor that is not asked for before it is confirmed. Refused (conflict) while there is a confirmed
// one.
void begin_second_factor(db::Tx& tx, const TenantId& tenant, const UserId& user,
                         const std::string& sealed_secret);
// `step`: of the code that proved it.
void confirm_second_factor(db::Tx& tx, const TenantId& tenant, const UserId& user, std::int64_t step);
// Takes the code of a step; false when this one or a later one was taken already, by whomever.
bool spend_step(db::Tx& tx, const TenantId& tenant, const UserId& user, std::int64_t step);
// With its recovery codes; false when there was none.
bool remove_second_factor(db::Tx& tx, const TenantId& tenant, const UserId& user);

// Recovery codes, of which only keyed hashes are kept. New ones replace all others.
void replace_recovery_codes(db::Tx& tx, const TenantId& tenant, const UserId& user,
                            const std::vector<std::string>& hashes);
// False when there is no such code, or it was used.
bool spend_recovery_code(db::Tx& tx, const TenantId& tenant, const UserId& user, const std::string& hash);
std::int64_t count_recovery_codes(db::Tx& tx, const TenantId& tenant, const UserId& user);

}  // namespace lodestone::identity
