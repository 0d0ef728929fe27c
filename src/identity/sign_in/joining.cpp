// Newcomers: checked, their password hashed, then made in one unit with what they were invited to.
#include "identity/sign_in/joining.hpp"

#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/held_roles.hpp"
#include "identity/nouns/identity_provider.hpp"
#include "identity/nouns/invitation.hpp"
#include "identity/nouns/membership.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/user.hpp"
#include "identity/nouns/user_role.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

Problem make_invitation_problem() {
    return Problem(problems::not_found, "This invitation does not work, or no longer: ask for another one.");
}

std::optional<FoundInvitation> find_open_invitation(Tx& tx, std::string_view text, const Vault& vault) {
    auto invitation = find_invitation_by_text(tx, text, vault.hasher);
    if (!invitation || !invitation->is_open(tx.now())) return std::nullopt;
    return invitation;
}

// Nothing when nobody may join there this way; also when the tenant is not there or suspended, which is
// nobody's business outside.
std::optional<SignInSettings> find_settings_to_join(Tx& tx, const TenantId& tenant) {
    const std::optional<Tenant> found = find_tenant(tx, tenant);
    if (!found || found->status != TenantStatus::active) return std::nullopt;
    return find_sign_in_settings(tx, tenant);
}

Task<std::string> hash_for(Vault& vault, const Newcomer& newcomer, const SignInSettings& settings) {
    check_new_password("password", newcomer.password, settings.password_policy,
                       {newcomer.username, newcomer.email.value_or("")});
    return vault.passwords.hash(newcomer.password);
}

// An invitation's own address counts as checked by whoever invites.
enum class EmailIs : std::uint8_t { claimed, checked };

KnownAccount insert_newcomer(Tx& tx, const TenantId& tenant, const UserId& id, const Newcomer& newcomer,
                             const std::string& hash, EmailIs checked) {
    User user;
    user.id = id;
    user.username = newcomer.username;
    user.email = newcomer.email;
    if (checked == EmailIs::checked) user.email_verified_at = tx.now();
    user.full_name = newcomer.full_name;
    insert_user(tx, tenant, user);
    store_password(tx, tenant, id, hash);
    return find_account(tx, tenant, id).value();
}

// Whoever invited is still let in, and could still give what the invitation gives.
bool is_still_given(Tx& tx, const FoundInvitation& invitation) {
    const TenantId& tenant = invitation.tenant_id;
    const auto inviter = find_user(tx, tenant, UserId::trusted(invitation.created_by));
    if (!inviter || inviter->status != UserStatus::active) return false;
    const auto held = find_held_roles(tx, tenant, inviter->id, InactiveRoles::left_out);
    const auto role = find_given_role(tx, tenant, invitation.role);
    return !role || has_all_of(*held, invitation.app_id, *role);
}

}  // namespace

Task<SignedIn> accept_invitation(Vault& vault, db::Database& database, std::string invitation,
                                 Newcomer newcomer, db::Unit unit) {
    struct Invited {
        FoundInvitation invitation;
        SignInSettings settings;
    };
    auto find = [&](Tx& tx) -> std::optional<Invited> {
        const auto found = find_open_invitation(tx, invitation, vault);
        if (!found) return std::nullopt;
        check_address(tx, found->tenant_id, newcomer.visitor.address);
        const auto settings = find_settings_to_join(tx, found->tenant_id);
        if (!settings || settings->registration == RegistrationMode::closed) return std::nullopt;
        check_method(*settings, SignInMethod::invitation);
        return Invited{.invitation = *found, .settings = *settings};
    };
    const std::optional<Invited> invited = co_await database.read(unit, find);
    if (!invited) throw make_invitation_problem();
    const FoundInvitation& open = invited->invitation;
    if (open.email) newcomer.email = open.email;
    const std::string hash = co_await hash_for(vault, newcomer, invited->settings);
    const UserId id = vault.mint.make_id<UserId>();
    auto join = [&](Tx& tx) {
        if (!is_still_given(tx, open)) throw make_invitation_problem();
        if (newcomer.email && !open.email) check_may_choose_email(tx, open.tenant_id);
        const KnownAccount known = insert_newcomer(tx, open.tenant_id, id, newcomer, hash,
                                                   open.email ? EmailIs::checked : EmailIs::claimed);
        if (!spend_invitation(tx, open.tenant_id, open.id, id)) throw make_invitation_problem();
        if (open.app_id)
            grant_membership(tx, open.tenant_id, *open.app_id, id, open.role);
        else
            grant_role(tx, open.tenant_id, id, open.role);
        return open_session(tx, open.tenant_id, known,
                            {.method = SignInMethod::invitation, .visitor = newcomer.visitor}, vault.mint);
    };
    unit.actor = id.text();
    co_return co_await database.write(std::move(unit), join);
}

Task<SignedIn> register_user(Vault& vault, db::Database& database, TenantId tenant, Newcomer newcomer,
                             db::Unit unit) {
    auto find = [&](Tx& tx) {
        check_address(tx, tenant, newcomer.visitor.address);
        return find_settings_to_join(tx, tenant);
    };
    const std::optional<SignInSettings> settings = co_await database.read(unit, find);
    if (!settings || settings->registration != RegistrationMode::open ||
        !settings->allows(AuthMethod::password))
        throw Problem(problems::forbidden,
                      "Registration is not open here; ask an administrator for an invitation.");
    // Not forgiven: one address makes only so many users.
    vault.throttle.attempt(tenant.text() + " registration " + newcomer.visitor.address,
                           newcomer.visitor.address);
    const std::string hash = co_await hash_for(vault, newcomer, *settings);
    const UserId id = vault.mint.make_id<UserId>();
    auto join = [&](Tx& tx) {
        if (newcomer.email) check_may_choose_email(tx, tenant);
        const KnownAccount known = insert_newcomer(tx, tenant, id, newcomer, hash, EmailIs::claimed);
        return open_session(tx, tenant, known,
                            {.method = SignInMethod::registration, .visitor = newcomer.visitor}, vault.mint);
    };
    unit.actor = id.text();
    co_return co_await database.write(std::move(unit), join);
}

}  // namespace lodestone::identity
