// Idempotency-Key: a request that makes something may be sent again when its answer was lost, and makes it
// once. The answer is kept in the transaction that made the thing.
//
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
#pragma once

#include <optional>
#include <string>

#include "api/answers.hpp"
#include "base/clock.hpp"
#include "db/tx.hpp"

namespace lodestone::api {

class Call;

struct IdempotentRequest {
    std::string key;      // of whom, for which address, and the client's own key: hashed together
    std::string content;  // of the body: hashed
};

// Nothing when the client sent none; throws Problem(invalid_input) when it is unusable.
std::optional<IdempotentRequest> find_idempotency_key(const Call& call);

// Throws Problem(idempotency_key_reused) when the key came with another body.
std::optional<CreatedText> find_kept_answer(db::Tx& tx, const IdempotentRequest& request);
void keep_answer(db::Tx& tx, const IdempotentRequest& request, const CreatedText& answer);

// Removes what was kept before `deadline`, a bounded number at a time; answers how many. Zero: done.
std::int64_t purge_kept_answers(db::Tx& tx, Time deadline);

}  // namespace lodestone::api
