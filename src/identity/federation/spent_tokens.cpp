// The primary key decides who was first.
#include "identity/federation/spent_tokens.hpp"

#include "base/limits.hpp"

namespace lodestone::identity {

namespace {

const db::Command<std::string, std::string, Time> spend{
    "spent_token.insert",
    "INSERT INTO spent_tokens (issuer, token_id, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};

const db::Command<Time, std::int64_t> purge{
    "spent_token.purge",
    "DELETE FROM spent_tokens WHERE (issuer, token_id) IN (SELECT issuer, token_id FROM spent_tokens "
    "                                                      WHERE expires_at < $1 ORDER BY expires_at LIMIT "
    "$2)"};

}  // namespace

bool spend_token(db::Tx& tx, std::string_view issuer, std::string_view token_id, Time expires_at) {
    return tx.run(spend, std::string(issuer), std::string(token_id), expires_at) == 1;
}

std::int64_t purge_spent_tokens(db::Tx& tx, Time deadline) {
    return tx.run(purge, deadline, limits::purge_rows);
}

}  // namespace lodestone::identity
