// Logins that somebody begins at a terminal and confirms on a page of ours: what its client waits for, from
// when it asks until it has its key or ten minutes are over.
//
// Two texts belong to one. What is in the page's address finds it and is worth nothing to who has not signed
// in; the secret stays with the client, and only a hash of it here. A key is made when the client asks for it
// after the confirmation, and then the row is gone: so the table holds nothing that lets anybody in.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/secret.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"
#include "identity/secrets/token_mint.hpp"

namespace lodestone::identity {

struct WebLogin {
    std::string public_id;  // in the page's address
    db::Secret<std::string> secret_hash;
    std::string format;      // what the key is asked for: "npm"
    std::string repository;  // … and by which name; whether it is there is not known
    std::string address;     // where it was asked, as Peer::address holds it
    std::string client;      // http::client_of() that
    Time created_at{};
    Time expires_at{};
    std::optional<UserId> user_id;  // who has confirmed it
    std::optional<Time> confirmed_at;

    bool is_confirmed() const { return user_id.has_value(); }
    bool operator==(const WebLogin&) const = default;
};
BOOST_DESCRIBE_STRUCT(WebLogin, (),
                      (public_id, secret_hash, format, repository, address, client, created_at, expires_at,
                       user_id, confirmed_at))

struct NewWebLogin {
    std::string format;
    std::string repository;
    std::string address;
};

struct IssuedWebLogin {
    std::string public_id;
    std::string text;  // the client's secret: the only time that it can be seen
};

// Whether there is such a tenant it does not tell. Throws Problem(too_many_requests) when the client, or all
// for this tenant together, have too many that are open.
IssuedWebLogin insert_web_login(db::Tx& tx, const TenantId& tenant, const NewWebLogin& wanted,
                                const TokenMint& mint);

// These three know nothing of one that is over.
std::optional<WebLogin> find_web_login(db::Tx& tx, const TenantId& tenant, std::string_view public_id);
// By the whole text of the client's secret.
std::optional<WebLogin> find_web_login_by_text(db::Tx& tx, const TenantId& tenant, std::string_view text,
                                               const KeyedHash& hasher);
// False: it is over, or was confirmed before, by whomever.
bool confirm_web_login(db::Tx& tx, const TenantId& tenant, const WebLogin& login, const UserId& user);

// Takes away one that this user has confirmed: whoever comes second hears false.
bool take_web_login(db::Tx& tx, const TenantId& tenant, std::string_view public_id, const UserId& user);

// With the sessions of somebody who ends them all, or has another password: those that they have confirmed.
void drop_web_logins_of_user(db::Tx& tx, const TenantId& tenant, const UserId& user);

// Somebody found its secret where it should not be. False: there is none of this text.
bool drop_leaked_web_login(db::Tx& tx, std::string_view text, const KeyedHash& hasher);
bool is_web_login_text(db::Tx& tx, std::string_view text, const KeyedHash& hasher);

// Removes what was over before `deadline`, a bounded number at a time; answers how many.
std::int64_t purge_web_logins(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
