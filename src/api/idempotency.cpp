// Kept answers: one row per key. The key's hash covers who asked, and of which tenant, since two tenants may
// each have an "alice": nobody reads the answers of somebody else.
#include "api/idempotency.hpp"

#include <openssl/evp.h>

#include <array>
#include <boost/describe/class.hpp>
#include <initializer_list>

#include "api/call.hpp"
#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "http/message/method.hpp"

namespace lodestone::api {

namespace {

struct KeptAnswer {
    std::string content;
    std::string body;
    std::string location;
    std::string etag;
};
BOOST_DESCRIBE_STRUCT(KeptAnswer, (), (content, body, location, etag))

const db::Query<KeptAnswer, std::string> find_answer{
    "kept_answer.find", "SELECT content, body, location, etag FROM kept_answers WHERE key = $1"};

// Of two at once the second is run again (it lost a row to the first), and then finds the answer of the
// first.
const db::Command<std::string, std::string, std::string, std::string, std::string, Time> insert_answer{
    "kept_answer.insert",
    "INSERT INTO kept_answers (key, content, body, location, etag, kept_at) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT DO NOTHING"};

const db::Command<Time, std::int64_t> purge_answers{
    "kept_answer.purge",
    "DELETE FROM kept_answers WHERE key IN (SELECT key FROM kept_answers WHERE kept_at < $1 "
    "                                       ORDER BY kept_at, key LIMIT $2)"};

// Of all parts, each with its length, so that no two lists of parts are the same bytes.
std::string hash_of(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const std::string_view part : parts) (text += std::to_string(part.size()) + ":") += part;
    std::array<std::uint8_t, 32> sum{};
    unsigned size = 0;
    ensure(EVP_Digest(text.data(), text.size(), sum.data(), &size, EVP_sha256(), nullptr) == 1,
           "SHA-256 is always to be had");
    return to_hex(sum);
}

}  // namespace

std::optional<IdempotentRequest> find_idempotency_key(const Call& call) {
    const auto key = call.request().header("idempotency-key");
    if (!key) return std::nullopt;
    if (key->empty() || key->size() > limits::idempotency_key_bytes)
        throw Problem(problems::invalid_input, "The header Idempotency-Key has 1 to " +
                                                   std::to_string(limits::idempotency_key_bytes) + " bytes.");
    const db::Unit unit = call.unit();
    return IdempotentRequest{
        .key = hash_of({unit.actor_tenant, unit.actor, http::method_name(call.request().method),
                        call.request().raw_path, *key}),
        .content = hash_of({call.body()})};
}

std::optional<CreatedText> find_kept_answer(db::Tx& tx, const IdempotentRequest& request) {
    std::optional<KeptAnswer> kept = tx.maybe(find_answer, request.key);
    if (!kept) return std::nullopt;
    if (kept->content != request.content)
        throw Problem(
            problems::idempotency_key_reused,
            "This Idempotency-Key came with another body before; take a new key for a new request.");
    return CreatedText{
        .body = std::move(kept->body), .location = std::move(kept->location), .etag = std::move(kept->etag)};
}

void keep_answer(db::Tx& tx, const IdempotentRequest& request, const CreatedText& answer) {
    const std::int64_t kept = tx.run(insert_answer, request.key, request.content, answer.body,
                                     answer.location, answer.etag, tx.now());
    if (kept == 0)
        throw Problem(problems::conflict,
                      "The same request is being answered at this moment; send it again in a second.");
}

std::int64_t purge_kept_answers(db::Tx& tx, Time deadline) {
    return tx.run(purge_answers, deadline, limits::purge_rows);
}

}  // namespace lodestone::api
