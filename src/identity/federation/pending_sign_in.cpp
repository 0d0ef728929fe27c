// Sign-ins under way in the database.
#include "identity/federation/pending_sign_in.hpp"

#include "base/problem.hpp"
#include "base/tenant_limits.hpp"

namespace lodestone::identity {

namespace {

const db::Command<TenantId, std::string, ProviderId, std::string, std::string, std::string, std::string, Time,
                  Time>
    insert{"pending_sign_in.insert",
           "INSERT INTO provider_sign_ins (tenant_id, state_hash, provider_id, browser_hash, nonce, "
           "                               code_verifier, goes_on_at, created_at, expires_at) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"};

const db::Query<PendingSignIn, TenantId, std::string> take{
    "pending_sign_in.take",
    "DELETE FROM provider_sign_ins WHERE tenant_id = $1 AND state_hash = $2 "
    "RETURNING state_hash, provider_id, browser_hash, nonce, code_verifier, goes_on_at, created_at, "
    "          expires_at"};

const db::Query<std::string, TenantId, std::string, ProviderId> way_on{
    "pending_sign_in.find_way_on",
    "SELECT goes_on_at FROM provider_sign_ins "
    "WHERE tenant_id = $1 AND state_hash = $2 AND provider_id = $3"};

const db::Command<Time, std::int64_t> purge{
    "pending_sign_in.purge",
    "DELETE FROM provider_sign_ins "
    "WHERE (tenant_id, state_hash) IN (SELECT tenant_id, state_hash FROM provider_sign_ins "
    "                                  WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"};

const db::Query<std::int64_t, TenantId, std::int64_t> count{
    "pending_sign_in.count",
    "SELECT count(*) FROM (SELECT 1 FROM provider_sign_ins WHERE tenant_id = $1 LIMIT $2) AS counted"};

}  // namespace

void insert_pending_sign_in(db::Tx& tx, const TenantId& tenant, const PendingSignIn& pending,
                            std::chrono::seconds lifetime) {
    if (tx.one(count, tenant, limits::pending_sign_ins) >= limits::pending_sign_ins)
        throw Problem(problems::too_many_requests,
                      "Too many people are on their way to a provider; try again in some minutes.");
    tx.send(insert, tenant, pending.state_hash, pending.provider_id, pending.browser_hash, pending.nonce,
            pending.code_verifier, pending.goes_on_at, tx.now(), tx.now() + lifetime);
}

std::optional<PendingSignIn> take_pending_sign_in(db::Tx& tx, const TenantId& tenant,
                                                  const ProviderId& provider, std::string_view state_hash) {
    auto taken = tx.maybe(take, tenant, std::string(state_hash));
    if (!taken || taken->provider_id != provider || tx.now() >= taken->expires_at) return std::nullopt;
    return taken;
}

std::string find_way_on(db::Tx& tx, const TenantId& tenant, const ProviderId& provider,
                        std::string_view state_hash) {
    return tx.maybe(way_on, tenant, std::string(state_hash), provider).value_or("");
}

std::int64_t purge_pending_sign_ins(db::Tx& tx, Time deadline) {
    return tx.run(purge, deadline, limits::purge_rows);
}

}  // namespace lodestone::identity
