// Entering: where the store has a copy already nothing is stored; else the bytes are published, entered, and
// removed again if somebody else was quicker with the same.
#include "blobs/blobs.hpp"

#include <boost/asio/this_coro.hpp>

#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/scrub_step.hpp"
#include "http/server/representation.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

Task<> discard(std::shared_ptr<Store> store, std::string name, std::string store_state) {
    co_await store->discard(name, store_state);
}

}  // namespace

Blobs::Blobs(std::unique_ptr<Store> store, db::Database& database, Context& context,
             std::string scratch_folder)
    : store_(std::move(store)),
      database_(database),
      context_(context),
      healed_(context.metrics.counter("lodestone_blobs_healed_total",
                                      "Quarantined blobs whose bytes somebody has sent again.")),
      quarantined_(count_quarantined(context.metrics)),
      scratch_(std::move(scratch_folder)) {}

Task<std::unique_ptr<Draft>> Blobs::begin(std::vector<DigestKind> also) {
    co_await belonging_.need();
    co_return co_await store_->begin({.id = new_id(), .also = std::move(also)});
}

Task<> Blobs::discard_beside(std::string name, std::string store_state) {
    const LoopExecutor executor = co_await boost::asio::this_coro::executor;
    http::spawn(executor, discard(store_, std::move(name), std::move(store_state)),
                [log = &context_.log](std::string_view why) {
                    log->warn("a draft that is done with was not removed, and is left to sweeping",
                              {{"why", why}});
                });
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

Task<std::optional<http::ResponseBody>> Blobs::open(BlobKey key, std::int64_t size_bytes, Extent extent) {
    const auto expected = static_cast<std::uint64_t>(size_bytes);
    std::optional<http::ResponseBody> body;
    if (extent == Extent::whole)
        body = co_await store_->open(key);
    else
        body = co_await store_->open_part(key);
    if (body && http::body_size(*body) == expected) co_return body;
    const bool is_there = body.has_value();
    body.reset();  // with its file, or its connection
    if (is_there)
        co_await note_wrong_size(key, expected);
    else
        doubt(key);
    co_return std::nullopt;
}

Task<std::optional<std::string>> Blobs::find_link(BlobKey key, std::int64_t size_bytes) {
    if (!gives_links(size_bytes)) co_return std::nullopt;
    auto link = co_await store_->find_link(key, links_.lifetime);
    if (!link || link->size_bytes != static_cast<std::uint64_t>(size_bytes)) co_return std::nullopt;
    co_return std::move(link->url);
}

void Blobs::doubt(BlobKey key) {
    auto write = [copy = key.id](Tx& tx) { doubt_copy(tx, copy); };
    database_.write_for([](const std::exception_ptr&) {}, {}, std::move(write));
}

// Whoever reads this far has the row's word against the store's. The store is asked once more: what stands
// between it and us may have answered for it. If it says the same, that is damage, and to be known before
// whoever was refused sends the bytes again.
Task<> Blobs::note_wrong_size(BlobKey key, std::uint64_t size_bytes) {
    const std::optional<std::uint64_t> stored = co_await store_->stat(key);
    if (!stored || *stored == size_bytes) {
        doubt(key);
        co_return;
    }
    auto write = [&](Tx& tx) { return quarantine_copy(tx, key, *stored); };
    const std::optional<Blob> damaged = co_await database_.write({}, write);
    if (!damaged) co_return;
    quarantined_.add();
    tell_quarantined(context_.log, *damaged, damaged->fault.value_or(""));
}

std::optional<std::string> Blobs::find_fault() {
    auto fault = store_->find_fault();
    if (fault) belonging_.doubt();
    return fault ? fault : belonging_.find_fault();
}

Task<Testimony> Blobs::ask_witnesses(std::set<BlobId> missing) {
    const Time before = context_.clock.now() - limits::unnamed_age;
    auto ask = [&](Tx& tx) { return list_witnesses(tx, limits::scrub_suspicious_blobs, before); };
    const std::vector<Blob> witnesses = co_await database_.read({}, ask);
    Testimony testimony = witnesses.empty() ? Testimony::none : Testimony::known_missing;
    for (const Blob& blob : witnesses) {
        if (missing.contains(blob.id)) continue;
        if (co_await store_->stat(blob.key())) co_return Testimony::found;
        testimony = Testimony::all_missing;
    }
    co_return testimony;
}

// Whoever is told that there is a copy drops his own bytes, so the row's word is not enough. The store is
// asked twice, as in note_wrong_size(). One that has nothing at all is another one: what is pushed there now
// would be missing later, and giving its blobs up would have it take their place.
Task<bool> Blobs::is_stored(Blob blob) {
    std::optional<std::uint64_t> stored;
    for (int attempt = 0; attempt < 2; ++attempt) {
        stored = co_await store_->stat(blob.key());
        if (stored == static_cast<std::uint64_t>(blob.size_bytes)) co_return true;
    }
    Testimony testimony = Testimony::none;
    if (!stored) testimony = co_await ask_witnesses(std::set{blob.id});
    if (testimony == Testimony::all_missing) {
        belonging_.note_emptiness();
        co_await belonging_.need();
    }
    const std::string fault =
        stored ? describe_wrong_size(*stored, blob.size_bytes) : std::string(missing_bytes);
    auto write = [&](Tx& tx) { return quarantine_blob(tx, blob, fault); };
    if (co_await database_.write({}, write)) {
        quarantined_.add();
        tell_quarantined(context_.log, blob, fault);
    }
    co_return false;
}

// Whether a push could have been stored. Where it could not, whoever sends what somebody else has stored
// already hears no more than whoever sends something new.
Task<bool> Blobs::could_store(std::uint64_t size_bytes) {
    if (store_->find_fault()) co_return false;
    const std::optional<std::uint64_t> room = co_await store_->find_room();
    co_return !room || *room >= size_bytes;
}

// In a folder that is not the right one nothing is known of it, however few its blobs are.
Task<bool> Blobs::is_lost(BlobKey key) {
    co_await belonging_.need();
    auto look = [&](Tx& tx) { return find_readable_blob(tx, key.sha256); };
    const std::optional<Blob> found = co_await database_.look_up({}, look);
    if (!found) co_return true;
    if (found->key() != key) co_return false;  // it has another copy by now
    co_return !co_await is_stored(*found);
}

// Whether there is a copy is asked first, on the loop; that it is still there, and stays, is found out in the
// transaction.
Task<std::optional<BlobId>> Blobs::enter_copy(db::Unit unit, const Incoming& incoming, const Note& note) {
    auto look = [&](Tx& tx) { return find_readable_blob(tx, incoming.digests.sha256); };
    const std::optional<Blob> found = co_await database_.look_up(unit, look);
    if (!found || !co_await could_store(incoming.size_bytes)) co_return std::nullopt;
    if (!co_await is_stored(*found)) co_return std::nullopt;
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

Task<bool> Blobs::is_unnamed(BlobId id) {
    auto ask = [&](Tx& tx) { return list_unnamed(tx, {&id, 1}); };
    const std::vector<BlobId> unnamed = co_await database_.read({}, ask);
    co_return !unnamed.empty();
}

// What `note` refuses leaves nothing, unless something names it: an upload that goes on may be finished again
// with the same bytes, and of one that has gone another node may have entered them a moment ago. A
// transaction of which it is not known whether it happened keeps its bytes, too: if it did not, no row names
// them, and they are found as garbage.
Task<BlobId> Blobs::enter_bytes(db::Unit unit, Incoming incoming, Publish publish, Note note) {
    co_await belonging_.need();
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
    bool is_spare = settled && !settled->is_new;
    if (refused) is_spare = co_await is_unnamed(incoming.id);
    if (is_spare) co_await store_->remove(key);
    if (refused) std::rethrow_exception(refused);
    if (settled->is_healed) {
        healed_.add();
        const std::string digest = to_hex(key.sha256);
        context_.log.info("a quarantined blob has its bytes again", {{"sha256", std::string_view(digest)}});
    }
    co_return settled->id;
}

}  // namespace lodestone::blobs
