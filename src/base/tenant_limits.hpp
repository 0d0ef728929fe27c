// Limits on what one tenant, or one of its people, lays up.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::int64_t roles_per_tenant = 1'000;
inline constexpr std::int64_t policies_per_tenant = 500;  // each request looks at all of them
inline constexpr std::int64_t keys_per_owner = 500;       // that are good, of one user or app
inline constexpr std::int64_t open_invitations = 1'000;   // of one tenant
inline constexpr std::int64_t pending_sign_ins = 10'000;  // of one tenant, on their way to a provider
// Begun at a terminal and neither over nor at their end: of one client, and for one tenant.
inline constexpr std::int64_t open_web_logins_of_client = 20;
inline constexpr std::int64_t open_web_logins_of_tenant = 2'000;

inline constexpr auto admission_lifetime = 500ms;         // a body that takes longer is asked about once more
inline constexpr auto web_login_lifetime = 10min;         // to confirm one, and to fetch its key
inline constexpr auto web_login_pause = 2s;               // between two questions of its client
inline constexpr std::size_t web_login_bytes = 16 * kib;  // of the page's form
inline constexpr auto ticket_lifetime = 5min;             // of what a client gets for its key
inline constexpr auto session_proof = 10min;              // so long having signed in is as good as a password
inline constexpr auto familiar_lifetime = 30 * 24h;       // of an address from which somebody has signed in
inline constexpr std::int64_t familiar_sessions = 100;    // of one user that are looked at for it

}  // namespace lodestone::limits
