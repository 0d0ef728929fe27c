// A user as signing in sees one: whether the user and the tenant may be used, what the tenant asks for, and
// the credentials.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "db/tx.hpp"
#include "identity/nouns/credentials.hpp"
#include "identity/nouns/duties.hpp"
#include "identity/nouns/sign_in_settings.hpp"

namespace lodestone::identity {

// From where somebody asks.
struct Visitor {
    std::string address;  // as Peer::address holds it
    std::string agent;    // what the client calls itself
};

struct Account {
    UserId user_id;
    std::string username;
    std::optional<std::string> email;
    bool is_active = false;
    bool is_tenant_active = false;
    std::string settings;  // the tenant's, and its configuration
    std::string config;
};
BOOST_DESCRIBE_STRUCT(Account, (), (user_id, username, email, is_active, is_tenant_active, settings, config))

struct KnownAccount {
    Account account;
    Credentials credentials;  // empty ones when there are none
    SignInSettings settings;

    // What a password must not hold.
    std::vector<std::string> personal() const { return {account.username, account.email.value_or("")}; }
    // Of a session of theirs.
    Duties find_duties(const Session& session, Time now) const;
};

// `name`: a user name or an e-mail address, in any case.
std::optional<KnownAccount> find_account(db::Tx& tx, const TenantId& tenant, std::string_view name);
std::optional<KnownAccount> find_account(db::Tx& tx, const TenantId& tenant, const UserId& user);

// Whoever comes too early, or fails, learns the same: nothing about what exists.
Problem make_credentials_problem();
// Throws Problem(forbidden) when the user or the tenant is suspended. To be asked when the password was
// right.
void check_usable(const Account& account);

// Throws Problem(forbidden) where the tenant lets nobody in this way.
void check_method(const SignInSettings& settings, SignInMethod method);
// Throws Problem(address_not_allowed) where the tenant lets nobody in from this address, whoever it is.
// Nothing happens for a tenant that is not there.
void check_address(db::Tx& tx, const TenantId& tenant, std::string_view address);

// Refuses a password that the tenant's policy, or good sense, does not allow. `field`: how the client calls
// it.
void check_new_password(std::string_view field, std::string_view password, const PasswordPolicy& policy,
                        const std::vector<std::string>& personal);

// A failure, written down for all nodes, with an entry in the audit log. For a user who is not there it takes
// the same statements, and the entry names nobody.
void note_refusal(db::Tx& tx, const TenantId& tenant, const std::optional<UserId>& user);

}  // namespace lodestone::identity
