// The list of chores, and whose turn it is.
#include "app/serving/chores.hpp"

#include "api/idempotency.hpp"
#include "base/limits.hpp"
#include "db/committed_units.hpp"
#include "identity/federation/pending_sign_in.hpp"
#include "identity/federation/spent_tokens.hpp"
#include "identity/nouns/invitation.hpp"
#include "identity/nouns/key.hpp"
#include "identity/nouns/purge.hpp"
#include "identity/nouns/refresh_token.hpp"
#include "identity/nouns/reset_link.hpp"
#include "identity/nouns/session.hpp"
#include "identity/nouns/web_login.hpp"
#include "ledger/chain.hpp"
#include "packages/purge.hpp"
#include "packages/stage.hpp"

namespace lodestone::app {

namespace {

const db::Command<std::string, std::string, Time> insert_chore{
    "chore.insert", "INSERT INTO chores (name, next_at, node) VALUES ($1, $3, $2) ON CONFLICT DO NOTHING"};

const db::Command<std::string, Time, Time, std::string> move_on{
    "chore.move_on", "UPDATE chores SET next_at = $3, node = $4 WHERE name = $1 AND next_at <= $2"};

const db::Command<std::string, Time, std::string> keep{
    "chore.keep", "UPDATE chores SET next_at = $2 WHERE name = $1 AND node = $3"};

using std::chrono::hours;

struct Purge {
    const char* name;
    hours kept;  // after it was deleted, or ended
    std::int64_t (*purge)(db::Tx& tx, Time deadline);
};

// What belongs to others goes before them: a person's sessions, an app's branches.
constexpr Purge purges[] = {
    {"sessions.purge", ended_lifetime, identity::purge_sessions},
    {"refresh_tokens.purge", ended_lifetime, identity::purge_refresh_tokens},
    {"invitations.purge", ended_lifetime, identity::purge_invitations},
    {"reset_links.purge", ended_lifetime, identity::purge_reset_links},
    {"keys.purge", ended_lifetime, identity::purge_keys},
    {"spent_tokens.purge", hours(1), identity::purge_spent_tokens},
    {"pending_sign_ins.purge", hours(1), identity::purge_pending_sign_ins},
    {"web_logins.purge", hours(0), identity::purge_web_logins},
    {"user_identities.purge", deleted_lifetime, identity::purge_user_identities},
    {"policies.purge", deleted_lifetime, identity::purge_policies},
    {"roles.purge", deleted_lifetime, identity::purge_roles},
    {"branches.purge", deleted_lifetime,
     [](db::Tx& tx, Time end) { return identity::purge_branches(tx, end); }},
    {"staged.purge", hours(0), packages::purge_staged},
    {"versions.purge", deleted_lifetime, packages::purge_versions},
    {"packages.purge", deleted_lifetime, packages::purge_packages},
    {"repositories.purge", deleted_lifetime, packages::purge_repositories},
    {"users.purge", deleted_lifetime, [](db::Tx& tx, Time end) { return identity::purge_users(tx, end); }},
    {"apps.purge", deleted_lifetime,
     [](db::Tx& tx, Time end) { return identity::purge_apps(tx, end, purged_with_apps()); }},
    {"tenants.purge", deleted_lifetime,
     [](db::Tx& tx, Time end) { return identity::purge_tenants(tx, end, purged_with_tenants()); }},
    {"answers.purge", committed_unit_lifetime, api::purge_kept_answers},
    {"units.purge", committed_unit_lifetime, db::purge_committed_units},
};

}  // namespace

std::span<const identity::PurgeStep> purged_with_tenants() {
    return packages::tenant_purge_steps();
}

std::span<const identity::PurgeStep> purged_with_apps() {
    return packages::app_purge_steps();
}

std::vector<Chore> make_chores(const Config& config) {
    std::vector<Chore> chores;
    const Milliseconds retention = config.audit.retention;
    if (retention.count() != 0)
        chores.push_back({"audit.purge", hours(1),
                          [retention](db::Tx& tx) { return ledger::purge_audit(tx, tx.now() - retention); }});
    for (const Purge& one : purges)
        chores.push_back(
            {one.name, hours(1), [&one](db::Tx& tx) { return one.purge(tx, tx.now() - one.kept); }});
    return chores;
}

bool keep_turn(db::Tx& tx, const Chore& chore, const std::string& node) {
    return tx.run(keep, chore.name, tx.now() + chore.every, node) != 0;
}

bool take_turn(db::Tx& tx, const Chore& chore, const std::string& node) {
    if (tx.run(move_on, chore.name, tx.now(), tx.now() + chore.every, node) != 0) return true;
    if (tx.run(insert_chore, chore.name, node, Time()) == 0) return false;
    return tx.run(move_on, chore.name, tx.now(), tx.now() + chore.every, node) != 0;
}

void put_off(db::Tx& tx, const Chore& chore) {
    tx.run(insert_chore, chore.name, std::string(), tx.now() + chore.every);
}

}  // namespace lodestone::app
