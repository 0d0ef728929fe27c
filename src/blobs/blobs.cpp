// Entering: where a copy is there already nothing is stored; else the bytes are published, entered, and
// removed again if somebody else was quicker with the same.
#include "blobs/blobs.hpp"

#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "blobs/scrub_step.hpp"

namespace lodestone::blobs {

using db::Tx;

Blobs::Blobs(std::unique_ptr<Store> store, db::Database& database, Context& context)
    : store_(std::move(store)),
      database_(database),
      context_(context),
      healed_(context.metrics.counter("lodestone_blobs_healed_total",
                                      "Quarantined blobs whose bytes somebody has sent again.")) {}

Task<std::unique_ptr<Draft>> Blobs::begin(std::vector<DigestKind> also) {
    return store_->begin({.id = new_id(), .also = std::move(also)});
}

Task<BlobId> Blobs::enter(db::Unit unit, Draft& draft, Note note) {
    Incoming incoming{.digests = draft.digests(), .size_bytes = draft.size_bytes(), .id = draft.id()};
    Publish publish = [&draft](const BlobKey& key) { return draft.publish(key); };
    co_return co_await enter_bytes(std::move(unit), std::move(incoming), std::move(publish), std::move(note));
}

Task<BlobId> Blobs::enter_small(db::Unit unit, std::string bytes, Digests digests, Note note) {
    Incoming incoming{.digests = std::move(digests), .size_bytes = bytes.size(), .id = new_id()};
    Publish publish = [this, &bytes](const BlobKey& key) { return store_->put_small(key, std::move(bytes)); };
    co_return co_await enter_bytes(std::move(unit), std::move(incoming), std::move(publish), std::move(note));
}

Task<std::optional<http::ResponseBody>> Blobs::open(BlobKey key) {
    auto body = co_await store_->open(key);
    if (!body) {
        auto doubt = [copy = key.id](Tx& tx) { doubt_copy(tx, copy); };
        database_.write_for([](const std::exception_ptr&) {}, {}, std::move(doubt));
    }
    co_return body;
}

// Whether there is a copy is asked first, on the loop; that it is still there, and stays, is found out in the
// transaction.
Task<std::optional<BlobId>> Blobs::enter_copy(db::Unit unit, const Incoming& incoming, const Note& note) {
    auto look = [&](Tx& tx) { return find_readable_blob(tx, incoming.digests.sha256); };
    if (!co_await database_.look_up(unit, look)) co_return std::nullopt;
    // The second unit, which stores the bytes after all, needs a key of its own.
    if (!unit.idempotency_key.empty()) unit.idempotency_key += "/copy";
    auto adopt = [&](Tx& tx) {
        const bool is_there = revive_blob(tx, incoming.digests.sha256).has_value();
        std::optional<BlobId> entered;
        if (is_there) {
            entered = settle_blob(tx, incoming.digests, incoming.size_bytes, incoming.id).id;
            note(tx, *entered);
        }
        return entered;
    };
    co_return co_await database_.write(std::move(unit), adopt);
}

// What `note` refuses leaves nothing. A transaction of which it is not known whether it happened keeps its
// bytes: if it did not, no row names them, and they are found as garbage.
Task<BlobId> Blobs::enter_bytes(db::Unit unit, Incoming incoming, Publish publish, Note note) {
    if (const auto copy = co_await enter_copy(unit, incoming, note)) co_return *copy;
    const BlobKey key{.sha256 = incoming.digests.sha256, .id = incoming.id};
    co_await publish(key);
    auto settle = [&](Tx& tx) {
        const SettledBlob settled = settle_blob(tx, incoming.digests, incoming.size_bytes, incoming.id);
        note(tx, settled.id);
        return settled;
    };
    std::optional<SettledBlob> settled;
    std::exception_ptr refused;
    try {
        settled = co_await database_.write(std::move(unit), settle);
    } catch (const Problem& problem) {
        if (problem.status() >= 500) throw;
        refused = std::current_exception();
    }
    if (!settled || !settled->is_new) co_await store_->remove(key);
    if (refused) std::rethrow_exception(refused);
    if (settled->is_healed) {
        healed_.add();
        const std::string digest = to_hex(key.sha256);
        context_.log.info("a quarantined blob has its bytes again", {{"sha256", std::string_view(digest)}});
    }
    co_return settled->id;
}

}  // namespace lodestone::blobs
