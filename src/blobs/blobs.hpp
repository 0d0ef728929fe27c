// The door to bytes and to what is known of them: puts store and database together in the one order that
// loses nothing. Bytes are durable, then a transaction enters them and notes who needs them, then somebody is
// told.
//
//     auto draft = co_await blobs.begin();
//     co_await draft->append(request.body(), limit_bytes);
//     check_digest(draft->digests());
//     co_await blobs.enter(unit, *draft, [&](Tx& tx, BlobId id) { use_blob(tx, tenant, version, id); });
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob_limits.hpp"
#include "base/context.hpp"
#include "base/metrics.hpp"
#include "blobs/belonging.hpp"
#include "blobs/blob.hpp"
#include "blobs/scratch.hpp"
#include "blobs/store/store.hpp"
#include "db/database.hpp"

namespace lodestone::blobs {

// How much of a blob will be read; a part may be nothing at all.
enum class Extent : std::uint8_t { whole, part };

// Whether clients are sent to the store for what is that large, and how long they have for it.
struct LinkRule {
    std::chrono::seconds lifetime{0};  // 0: they are not
    std::uint64_t least_bytes = limits::linked_bytes;
};

// What blobs that the store has had for long say of it: of what came within a day, who knows where it went.
// none: there are none; known_missing: all that there are were known to be missing; all_missing: others are
// missing, too, so that it is another folder or bucket; found: it is the right one.
enum class Testimony : std::uint8_t { none, known_missing, all_missing, found };

inline constexpr std::string_view another_storage =
    "nothing is found where the bytes of packages should be: see that blobs.dir, or s3.bucket, is what "
    "belongs to this database";
inline constexpr std::string_view or_lost =
    "; if they are lost, `lodestone storage scrub --all --lost` says so of each";

class Blobs {
  public:
    // What is not yet stored goes to the scratch folder, if it is large; empty: the system's for temporary
    // files.
    Blobs(std::unique_ptr<Store> store, db::Database& database, Context& context,
          std::string scratch_folder = {});
    Blobs(const Blobs&) = delete;
    Blobs& operator=(const Blobs&) = delete;
    ~Blobs() { stop(); }

    Store& store() { return *store_; }
    db::Database& database() { return database_; }
    Context& context() { return context_; }
    Scratch& scratch() { return scratch_; }
    BlobId new_id() { return BlobId::make(context_.clock, context_.random); }

    // Bytes that come in one request.
    Task<std::unique_ptr<Draft>> begin(std::vector<DigestKind> also = {});

    // Removes a named draft of which no row tells any more, while nobody waits for it: whatever comes of
    // that, what was said before stands. What it fails of is logged, and found by sweeping.
    Task<> discard_beside(std::string name, std::string store_state);

    // Runs in the transaction that enters the blob, and may run again: it leases the blob, or uses it, and
    // writes what belongs to that. What it throws undoes all of it.
    using Note = std::function<void(db::Tx& tx, BlobId id)>;
    // The blob with the draft's content, which is the draft or a copy that was there. Whoever checks a digest
    // does so before.
    Task<BlobId> enter(db::Unit unit, Draft& draft, Note note);
    // The same for bytes in memory.
    Task<BlobId> enter_small(db::Unit unit, std::string bytes, Digests digests, Note note);

    // Exactly so many bytes, as the row says. Nothing: they are not there, whatever the row said a moment
    // ago, and scrubbing looks at them next; or there are more or fewer, and the blob is quarantined by now.
    Task<std::optional<http::ResponseBody>> open(BlobKey key, std::int64_t size_bytes,
                                                 Extent extent = Extent::whole);

    // For whoever only asks, mostly to send then what is not there, and for whom open() had nothing: whether
    // nobody gets that copy any more. If the store has lost it, it is quarantined by now. Throws
    // Problem(unavailable) where nothing is found of what should be there.
    Task<bool> is_lost(BlobKey key);

    // Before anybody is served.
    void give_links(LinkRule rule) { links_ = rule; }
    // Mostly not, so that this is worth asking first.
    bool gives_links(std::int64_t size_bytes) const {
        return links_.lifetime.count() > 0 && static_cast<std::uint64_t>(size_bytes) >= links_.least_bytes;
    }
    // Where whoever has the URL reads the same bytes for a while. Nothing: they are to be opened here,
    // because the rule says so, or because something is wrong with them.
    Task<std::optional<std::string>> find_link(BlobKey key, std::int64_t size_bytes);

    // Whether the store is the right one: asked by all who begin to write to it.
    Belonging& belonging() { return belonging_; }
    // For /ready. Quick.
    std::optional<std::string> find_fault();

    // Asks the store for some of the oldest and the newest of those, unless they are known to be missing.
    Task<Testimony> ask_witnesses(std::set<BlobId> missing);

    // For the end: does what was begun. While the loops still exist.
    void stop() {
        scratch_.stop();
        store_->stop();
    }

  private:
    using Publish = std::function<Task<>(const BlobKey& key)>;
    struct Incoming {
        Digests digests;
        std::uint64_t size_bytes = 0;
        BlobId id;
    };
    Task<BlobId> enter_bytes(db::Unit unit, Incoming incoming, Publish publish, Note note);
    Task<std::optional<BlobId>> enter_copy(db::Unit unit, const Incoming& incoming, const Note& note);
    Task<bool> could_store(std::uint64_t size_bytes);
    // Whether the store still has what the row says. If not, the blob is quarantined by now.
    Task<bool> is_stored(Blob blob);
    // Whether neither a row nor an upload has that number.
    Task<bool> is_unnamed(BlobId id);
    void doubt(BlobKey key);
    Task<> note_wrong_size(BlobKey key, std::uint64_t size_bytes);

    std::shared_ptr<Store> store_;  // shared with what goes on beside
    db::Database& database_;
    Context& context_;
    Counter& healed_;
    Counter& quarantined_;
    LinkRule links_;
    Belonging belonging_{*this};
    Scratch scratch_;
};

}  // namespace lodestone::blobs
