// Invitations in the database.
#include "identity/nouns/invitation.hpp"

#include "base/field_problem.hpp"
#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "base/utf8.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "db/noun.hpp"
#include "identity/nouns/quota.hpp"
#include "identity/nouns/sign_in_settings.hpp"

namespace lodestone::identity {

using db::Tx;

struct InvitationFilters {
    std::optional<AppId> app_id;
};
BOOST_DESCRIBE_STRUCT(InvitationFilters, (), (app_id))

namespace {

const db::Query<Invitation, TenantId, InvitationId> find_by_id{
    "invitation.find",
    "SELECT id, public_id, secret_hash, email, app_id, role, created_at, created_by, expires_at, "
    "accepted_at, "
    "       accepted_by, revoked_at, revoked_by "
    "FROM invitations WHERE tenant_id = $1 AND id = $2"};

const db::Query<FoundInvitation, std::string> find_by_public_id{
    "invitation.find_by_public_id",
    "SELECT id, public_id, secret_hash, email, app_id, role, created_at, created_by, expires_at, "
    "accepted_at, "
    "       accepted_by, revoked_at, revoked_by, tenant_id "
    "FROM invitations WHERE public_id = $1"};

const db::ListQuery<Invitation, InvitationFilters, Time, TenantId> list_newest_first{
    "invitation.list",
    "SELECT id, public_id, secret_hash, email, app_id, role, created_at, created_by, expires_at, "
    "accepted_at, "
    "       accepted_by, revoked_at, revoked_by "
    "FROM invitations "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR app_id = $2) AND (created_at, id) < ($3, $4) "
    "ORDER BY created_at DESC, id DESC LIMIT $5"};

// Touches nothing when the app is not there.
const db::Command<TenantId, InvitationId, std::string, db::Secret<std::string>, std::optional<std::string>,
                  std::optional<AppId>, RoleId, Time, std::string, Time>
    insert{"invitation.insert",
           "INSERT INTO invitations (tenant_id, id, public_id, secret_hash, email, app_id, role, created_at, "
           "                         created_by, expires_at) "
           "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 "
           "WHERE $6 IS NULL OR EXISTS (SELECT 1 FROM apps "
           "                            WHERE tenant_id = $1 AND apps.id = $6 AND deleted_at IS NULL)"};

const db::Command<TenantId, InvitationId, Time, UserId> spend{
    "invitation.spend",
    "UPDATE invitations SET accepted_at = $3, accepted_by = $4 "
    "WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3"};

const db::Command<TenantId, InvitationId, Time, std::string> revoke{
    "invitation.revoke",
    "UPDATE invitations SET revoked_at = $3, revoked_by = $4 "
    "WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL"};

const db::Query<InvitationId, Time, std::int64_t> purge{
    "invitation.purge",
    "DELETE FROM invitations WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM invitations "
    "                                                  WHERE expires_at < $1 ORDER BY expires_at LIMIT $2) "
    "RETURNING id"};

const db::Query<std::int64_t, TenantId, Time> count_open{
    "invitation.count_open",
    "SELECT count(*) FROM invitations WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL "
    "AND expires_at > $2"};

constexpr std::string_view kind = "invitation";

constexpr std::tuple sorts{
    db::Sort{"-created_at", list_newest_first, &Invitation::created_at},
};

void record(Tx& tx, const char* action, const TenantId& tenant, const Invitation& before,
            const Invitation& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

void check_invitation(const Invitation& invitation, Time now) {
    if (invitation.role.is_empty()) throw field_problem("role", "is missing: say what the new user may do.");
    if (invitation.expires_at <= now || invitation.expires_at > now + limits::invitation_lifetime)
        throw field_problem("expires_at", "must be within the next 7 days.");
    const std::string email = invitation.email.value_or("x@x");
    if (email.size() > limits::name_bytes || !is_utf8(email) || email.find('@') == std::string::npos)
        throw field_problem("email", "is not an e-mail address.");
}
static_assert(limits::invitation_lifetime == std::chrono::days(7), "the sentence above says so");

}  // namespace

IssuedInvitation create_invitation(Tx& tx, const TenantId& tenant, const NewInvitation& wanted,
                                   const TokenMint& mint) {
    if (find_sign_in_settings(tx, tenant).registration == RegistrationMode::closed)
        throw Problem(
            problems::conflict,
            "The tenant's registration is closed: make users yourself, or change the setting registration.");
    check_room_for_more(tx.one(count_open, tenant, tx.now()), limits::open_invitations, "open invitations");
    MintedToken minted = mint.mint(TokenKind::invitation);
    Invitation invitation;
    invitation.id = mint.make_id<InvitationId>();
    invitation.public_id = minted.public_id;
    invitation.secret_hash.value = minted.hash;
    invitation.email = wanted.email;
    invitation.app_id = wanted.app_id;
    invitation.role = wanted.role;
    invitation.created_at = tx.now();
    invitation.created_by = tx.unit().actor;
    invitation.expires_at = wanted.expires_at.value_or(tx.now() + limits::invitation_lifetime);
    check_invitation(invitation, tx.now());
    const std::int64_t inserted =
        tx.run(insert, tenant, invitation.id, invitation.public_id, invitation.secret_hash, invitation.email,
               invitation.app_id, invitation.role, invitation.created_at, invitation.created_by,
               invitation.expires_at);
    if (inserted == 0) db::refuse_absent("app", invitation.app_id->text());
    record(tx, "invitation.create", tenant, {}, invitation);
    return {.invitation = std::move(invitation), .text = std::move(minted.text)};
}

std::optional<Invitation> find_invitation(Tx& tx, const TenantId& tenant, const InvitationId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<FoundInvitation> find_invitation_by_text(Tx& tx, std::string_view text,
                                                       const KeyedHash& hasher) {
    const std::optional<TokenText> token = parse_token(text);
    if (!token || token->kind != TokenKind::invitation) return std::nullopt;
    std::optional<FoundInvitation> found = tx.maybe(find_by_public_id, token->public_id);
    if (!found || !hasher.is_match(*token, found->secret_hash.value)) return std::nullopt;
    return found;
}

db::Page<Invitation> list_invitations(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<InvitationFilters>(tx, request, sorts, tenant);
}

bool spend_invitation(Tx& tx, const TenantId& tenant, const InvitationId& id, const UserId& user) {
    const std::optional<Invitation> before = find_invitation(tx, tenant, id);
    if (!before || tx.run(spend, tenant, id, tx.now(), user) == 0) return false;
    Invitation after = *before;
    after.accepted_at = tx.now();
    after.accepted_by = user;
    record(tx, "invitation.accept", tenant, *before, after);
    return true;
}

Invitation revoke_invitation(Tx& tx, const TenantId& tenant, const InvitationId& id) {
    const std::optional<Invitation> before = find_invitation(tx, tenant, id);
    if (!before) db::refuse_absent(kind, id.text());
    if (before->revoked_at) return *before;
    Invitation after = *before;
    after.revoked_at = tx.now();
    after.revoked_by = tx.unit().actor;
    if (tx.run(revoke, tenant, id, *after.revoked_at, *after.revoked_by) == 0)
        throw Problem(problems::conflict, "The invitation " + id.text() + " was accepted already.");
    record(tx, "invitation.revoke", tenant, *before, after);
    return after;
}

std::int64_t purge_invitations(Tx& tx, Time deadline) {
    return static_cast<std::int64_t>(tx.all(purge, deadline, limits::purge_rows).size());
}

}  // namespace lodestone::identity
