// Where bytes are kept, by keys that the program makes. A store knows nothing of who may have them or who
// needs them: that is in the database, and bytes that no row there names are garbage.
//
//     auto draft = co_await store.begin({.id = id, .also = {DigestKind::sha512}});
//     co_await draft->append(request.body(), limit_bytes);
//     co_await draft->publish({draft->digests().sha256, id});     // durable; now the row may be written
//
// All of it is called on a loop, and nothing of it holds the loop up. Failures are Problem(storage_full) and
// Problem(unavailable), with what happened in their internal text.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "blobs/store/blob_key.hpp"
#include "blobs/store/digests.hpp"
#include "http/server/response.hpp"
#include "http/wire/body.hpp"

namespace lodestone::blobs {

// The number under which it will be published is known from the beginning: some stores name it so meanwhile.
struct DraftOptions {
    BlobId id;
    std::vector<DigestKind> also;  // besides SHA-256
};

// How far a named draft has come, for the row of its upload.
struct DraftProgress {
    BlobId id;
    std::uint64_t size_bytes = 0;
    std::string digest_state;  // RunningDigests::save()
    std::string store_state;   // the store's own, text
};

// Bytes on their way in, which nobody can read yet. Used by one coroutine at a time; dropped without
// publish(), an anonymous one leaves nothing. After a failure it can only be dropped.
class Draft {
  public:
    virtual ~Draft() = default;
    // To its end, hashed while it is written. Throws Problem(body_too_large) when the draft would become
    // larger than that in all, and what the source throws.
    virtual Task<> append(http::BodySource& source, std::uint64_t limit_bytes) = 0;
    // What came so far survives a crash, if progress() is noted in the upload's row afterwards. Named ones
    // only.
    virtual Task<> keep() = 0;
    virtual BlobId id() const = 0;
    virtual std::uint64_t size_bytes() const = 0;
    virtual Digests digests() const = 0;
    virtual DraftProgress progress() const = 0;
    // Once, with the SHA-256 that it has and the id that it began with: durable, and readable, when this
    // returns. A named draft may be published again after a crash, until it is discarded.
    virtual Task<> publish(const BlobKey& key) = 0;
    // Whether its bytes are going to be stored under its id alone, so that somebody else who publishes a
    // draft with the same id and other bytes would put those in their place. Asked when all of it has come.
    virtual bool is_published_by_id() const { return false; }
    // After a failure: what was kept before is gone with the rest, since the storage cannot vouch for it any
    // more. The upload is over.
    virtual bool is_lost() const { return false; }
};

// What a store has, whatever the database knows of it, and when it was put there.
struct StoredBlob {
    BlobKey key;
    Time stored_at{};
};
// Bytes that came to their end without getting their key: a crash was quicker.
struct StoredRest {
    BlobId id;
    Time stored_at{};
};

// With the URL whoever has it can read the bytes for a while, past this program: it is a secret as long.
struct BlobLink {
    std::string url;
    std::uint64_t size_bytes = 0;
};

class Store {
  public:
    virtual ~Store() = default;

    virtual Task<std::unique_ptr<Draft>> begin(DraftOptions options) = 0;
    // The draft of an upload session, by its id, cut back to what was noted; begun when that is nothing.
    // Throws Problem(not_found) when that much is no longer there, and Problem(conflict) while somebody else
    // on this machine has it open.
    virtual Task<std::unique_ptr<Draft>> reopen(const std::string& name, DraftProgress progress) = 0;
    // Removes a named draft; one that is not there is fine.
    virtual Task<> discard(const std::string& name, const std::string& store_state) = 0;

    // For bytes that are in memory anyway; the caller has hashed them. Like a draft's publish().
    virtual Task<> put_small(const BlobKey& key, std::string bytes) = 0;

    // Nothing: there are no such bytes.
    virtual Task<std::optional<http::ResponseBody>> open(const BlobKey& key) = 0;
    // The same for whoever reads a part of it, or nothing but its size: no bytes are on their way before they
    // are asked for, as those of open() may be.
    virtual Task<std::optional<http::ResponseBody>> open_part(const BlobKey& key) { return open(key); }
    virtual Task<std::optional<std::uint64_t>> stat(const BlobKey& key) = 0;
    // Nothing where they are not there, or the store has no such URLs.
    virtual Task<std::optional<BlobLink>> find_link(const BlobKey& /*key*/,
                                                    std::chrono::seconds /*lifetime*/) {
        co_return std::nullopt;
    }
    // What is not there is fine. Whoever reads it already can read it to its end.
    virtual Task<> remove(const BlobKey& key) = 0;

    // Listing is for sweeping alone; nothing else looks at what a store has. Each answers at most so many, in
    // no order. Keys whose digest begins with these hexadecimal digits, two at least:
    virtual Task<std::vector<StoredBlob>> list(const std::string& slice, std::size_t limit) = 0;
    // The names of drafts that nobody has touched since then, each once.
    virtual Task<std::vector<std::string>> list_drafts(Time before, std::size_t limit) = 0;
    // Rests, and besides them whatever is stored under its id alone, among those whose ids end with these two
    // digits. Where a store has no such, nothing.
    virtual Task<std::vector<StoredRest>> list_rests(const std::string& /*slice*/, std::size_t /*limit*/) {
        co_return std::vector<StoredRest>();
    }
    virtual Task<> remove_rest(BlobId /*id*/) { co_return; }

    // What the store is called, wherever it stands; nothing: it has no name yet. Looks at what stands in its
    // place now, which may be another one than a moment ago (a folder was mounted), and stays with that.
    virtual Task<std::optional<std::string>> find_name() = 0;
    // For good, when this returns.
    virtual Task<> give_name(std::string name) = 0;

    // How many bytes there is room for; nothing where nobody can tell.
    virtual Task<std::optional<std::uint64_t>> find_room() { co_return std::nullopt; }
    // For /health: what is wrong with the storage, if its last words were a failure. Quick.
    virtual std::optional<std::string> find_fault() = 0;
    // Does what was begun, and refuses the rest. To be called while the loops of those who wait still exist.
    virtual void stop() {}
};

}  // namespace lodestone::blobs
