// What the interface asks for, in calls to one bucket. A blob is found by one call; a large one by two, since
// the first finds its mark.
#include "blobs/store/s3_store.hpp"

#include <atomic>
#include <set>

#include "base/ensure.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "blobs/store/s3_draft.hpp"
#include "blobs/store/s3_object.hpp"
#include "blobs/store/s3_upload.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::blobs {

namespace {

void check_name(const std::string& name) {
    ensure(is_id_text(name), "drafts are named by ids");
}

[[noreturn]] void refuse_lost() {
    throw Problem(problems::not_found, "The bytes of this upload are gone; begin it again.");
}

// How it went, the bucket notes for health.
Task<> probe(std::shared_ptr<S3Shared> shared) {
    co_await list_objects(*shared->bucket, "sha256/", 1);
}

Task<> begin_work(std::shared_ptr<S3Shared> shared) {
    co_await probe(shared);
    co_await abort_leftovers(*shared->bucket);
}

}  // namespace

class S3Store final : public Store {
  public:
    explicit S3Store(std::shared_ptr<S3Shared> shared)
        : shared_(std::move(shared)),
          next_look_(bucket().context().clock.steady_now() + limits::s3_leftover_pause) {
        start(begin_work(shared_));
    }
    ~S3Store() override { S3Store::stop(); }
    S3Store(const S3Store&) = delete;
    S3Store& operator=(const S3Store&) = delete;

    Task<std::unique_ptr<Draft>> begin(DraftOptions options) override {
        abort_leftovers_when_due();
        const DraftProgress nothing{.id = options.id, .size_bytes = 0, .digest_state = {}, .store_state = {}};
        co_return std::make_unique<S3Draft>(shared_, "", nothing, RunningDigests(options.also), S3State{},
                                            false);
    }
    Task<std::unique_ptr<Draft>> reopen(const std::string& name, DraftProgress progress) override;
    Task<> discard(const std::string& name, const std::string& store_state) override;
    Task<> put_small(const BlobKey& key, std::string bytes) override;
    Task<std::optional<http::ResponseBody>> open(const BlobKey& key) override;
    Task<std::optional<http::ResponseBody>> open_part(const BlobKey& key) override;
    Task<std::optional<std::uint64_t>> stat(const BlobKey& key) override;
    Task<std::optional<BlobLink>> find_link(const BlobKey& key, std::chrono::seconds lifetime) override;
    Task<> remove(const BlobKey& key) override;
    Task<std::vector<StoredBlob>> list(const std::string& slice, std::size_t limit) override;
    Task<std::vector<std::string>> list_drafts(Time before, std::size_t limit) override;
    Task<std::vector<StoredRest>> list_rests(const std::string& slice, std::size_t limit) override;
    Task<> remove_rest(BlobId id) override;

    Task<std::optional<std::string>> find_name() override;
    Task<> give_name(std::string name) override;
    std::optional<std::string> find_fault() override {
        return bucket().health().find_fault([this] { start(probe(shared_)); });
    }
    void stop() override { bucket().stop(); }

  private:
    S3Bucket& bucket() { return *shared_->bucket; }
    void start(Task<> work);
    // Once a day, by those who begin what may be left: no timer keeps the loop alive.
    void abort_leftovers_when_due();
    Task<http::ResponseBody> read(std::string object, S3Download download);
    // Whether the bytes are elsewhere, by what HEAD says of it; few objects have to be read for that.
    Task<bool> is_mark(const BlobKey& key, const std::string& object, const S3Reply& reply);
    void open_once(const std::string& name);
    Task<bool> is_complete(const S3State& state, std::uint64_t size_bytes);
    // The object with the bytes, and what is known of it.
    struct Found {
        std::string object;
        S3Reply reply;
    };
    Task<std::optional<Found>> find(const BlobKey& key);

    std::shared_ptr<S3Shared> shared_;
    std::atomic<SteadyTime> next_look_;  // for leftovers
};

void S3Store::start(Task<> work) {
    http::spawn(shared_->background, std::move(work), [log = &bucket().context().log](std::string_view why) {
        log->warn("the S3 store did not do what it was asked", {{"why", why}});
    });
}

void S3Store::abort_leftovers_when_due() {
    const SteadyTime now = bucket().context().clock.steady_now();
    SteadyTime due = next_look_;
    if (now < due || !next_look_.compare_exchange_strong(due, now + limits::s3_leftover_pause)) return;
    start(begin_work(shared_));
}

void S3Store::open_once(const std::string& name) {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->open.insert(name).second) return;
    throw Problem(
        problems::conflict,
        "Another request is at work on this upload; wait for it to end, and go on where it stopped.");
}

// An upload that the store does not know any more may have been completed, by a request that nobody heard the
// answer of.
Task<bool> S3Store::is_complete(const S3State& state, std::uint64_t size_bytes) {
    if (state.upload_id.empty() || co_await is_upload_open(bucket(), state.object, state.upload_id))
        co_return false;
    const auto stored = co_await find_object(bucket(), state.object);
    if (!stored || stored->length != size_bytes) refuse_lost();
    co_return true;
}

Task<std::unique_ptr<Draft>> S3Store::reopen(const std::string& name, DraftProgress progress) {
    check_name(name);
    abort_leftovers_when_due();
    auto digests = RunningDigests::restore(progress.digest_state);
    ensure(digests.has_value(), "what a draft has taken was noted as it was saved");
    auto state = parse_s3_state(progress.store_state);
    // Of another store.
    if (!state || (state->upload_id.empty() && state->tail_bytes != progress.size_bytes)) refuse_lost();
    const S3State noted = *std::move(state);
    const bool is_done = co_await is_complete(noted, progress.size_bytes);
    open_once(name);
    auto draft = std::make_unique<S3Draft>(shared_, name, progress, std::move(*digests), noted, is_done);
    if (!is_done && !co_await draft->load_tail()) refuse_lost();
    co_return std::move(draft);
}

Task<> S3Store::discard(const std::string& name, const std::string& store_state) {
    check_name(name);
    const auto state = parse_s3_state(store_state);
    if (state && !state->upload_id.empty()) co_await abort_upload(bucket(), state->object, state->upload_id);
    const std::string beginning = "uploads/" + name + "/";
    const auto tails = co_await list_objects(bucket(), beginning, limits::s3_listed_keys);
    for (const S3Stored& tail : tails)
        if (is_s3_tail(tail.object, name)) co_await delete_object(bucket(), tail.object);
}

// More than a little is hashed on the threads for that.
Task<> S3Store::put_small(const BlobKey& key, std::string bytes) {
    if (bytes.size() > limits::s3_small_bytes) {
        const auto draft = co_await begin({.id = key.id, .also = {}});
        HeldBytes source(bytes);
        co_await draft->append(source, bytes.size());
        co_await draft->publish(key);
        co_return;
    }
    std::string object = s3_blob_object(key);
    const S3Bytes hashed = hash_s3_bytes(bytes);
    co_await put_object(bucket(), std::move(object), hashed);
}

Task<http::ResponseBody> S3Store::read(std::string object, S3Download download) {
    S3Object opened(shared_->bucket, std::move(object), std::move(download.reply), std::move(download.body));
    const std::uint64_t size = opened.size_bytes();
    if (size > limits::s3_small_bytes) co_return std::make_unique<S3Object>(std::move(opened));
    const auto body = co_await opened.open({.offset = 0, .size_bytes = size});
    co_return co_await http::read_all(*body, limits::s3_small_bytes);
}

// Mostly all of it is wanted, which is on its way at once. Which part of a large one is wanted is not known
// here; it is asked for then, and not more than that.
Task<std::optional<http::ResponseBody>> S3Store::open(const BlobKey& key) {
    std::string object = s3_blob_object(key);
    auto download = co_await bucket().download(object);
    if (!download) co_return std::nullopt;
    const bool is_called_mark = download->reply.kind == s3_large_kind;
    http::ResponseBody body = co_await read(std::move(object), *std::move(download));
    const auto* const text = std::get_if<std::string>(&body);
    if (!is_called_mark && (text == nullptr || !is_s3_mark(key, *text))) co_return std::move(body);
    std::string large = s3_large_object(key.id);
    auto reply = co_await find_object(bucket(), large);
    if (!reply) co_return std::nullopt;
    if (!reply->length) bucket().fail("gave an answer without a length", large);
    co_return std::make_unique<S3Object>(shared_->bucket, std::move(large), *std::move(reply), nullptr);
}

Task<std::optional<http::ResponseBody>> S3Store::open_part(const BlobKey& key) {
    auto found = co_await find(key);
    if (!found) co_return std::nullopt;
    if (!found->reply.length) bucket().fail("gave an answer without a length", found->object);
    co_return std::make_unique<S3Object>(shared_->bucket, std::move(found->object), std::move(found->reply),
                                         nullptr);
}

Task<bool> S3Store::is_mark(const BlobKey& key, const std::string& object, const S3Reply& reply) {
    if (reply.kind == s3_large_kind) co_return true;
    if (reply.length == 0u) co_return is_s3_mark(key, "");
    if (reply.length != render_s3_mark(key).size()) co_return false;
    auto download = co_await bucket().download(object);
    if (!download) co_return false;
    const http::ResponseBody body = co_await read(object, *std::move(download));
    const auto* const text = std::get_if<std::string>(&body);
    co_return text != nullptr&& is_s3_mark(key, *text);
}

Task<std::optional<S3Store::Found>> S3Store::find(const BlobKey& key) {
    std::string object = s3_blob_object(key);
    auto reply = co_await find_object(bucket(), object);
    if (reply && co_await is_mark(key, object, *reply)) {
        object = s3_large_object(key.id);
        reply = co_await find_object(bucket(), object);
    }
    if (!reply) co_return std::nullopt;
    co_return Found{.object = std::move(object), .reply = std::move(*reply)};
}

Task<std::optional<std::uint64_t>> S3Store::stat(const BlobKey& key) {
    const auto found = co_await find(key);
    if (!found) co_return std::nullopt;
    if (!found->reply.length) bucket().fail("gave an answer without a length", found->object);
    co_return found->reply.length;
}

Task<std::optional<BlobLink>> S3Store::find_link(const BlobKey& key, std::chrono::seconds lifetime) {
    const auto found = co_await find(key);
    if (!found || !found->reply.length) co_return std::nullopt;
    co_return BlobLink{.url = bucket().make_link(found->object, lifetime),
                       .size_bytes = *found->reply.length};
}

// The mark goes last: as long as it is there, the rest is found.
Task<> S3Store::remove(const BlobKey& key) {
    std::string large = s3_large_object(key.id);
    co_await delete_object(bucket(), std::move(large));
    std::string object = s3_blob_object(key);
    co_await delete_object(bucket(), std::move(object));
}

Task<std::vector<StoredBlob>> S3Store::list(const std::string& slice, std::size_t limit) {
    ensure(slice.size() >= 2, "a slice is two digits or more");
    const std::string beginning = "sha256/" + slice.substr(0, 2) + "/" + slice;
    const auto objects = co_await list_objects(bucket(), beginning, limit);
    std::vector<StoredBlob> listed;
    for (const auto& [object, stored_at] : objects) {
        // An object of another name is none of ours.
        const auto key = parse_blob_key(std::string_view(object).substr(std::string_view("sha256/").size()));
        if (key) listed.push_back({.key = *key, .stored_at = stored_at});
    }
    co_return listed;
}

// Tails, under the names of their uploads, of which one may have several. Where there are more than one
// listing takes, what is named first is looked at first, and what is left of it goes.
Task<std::vector<std::string>> S3Store::list_drafts(Time before, std::size_t limit) {
    constexpr std::string_view folder = "uploads/";
    const auto objects = co_await list_objects(bucket(), std::string(folder), limit);
    std::set<std::string> listed;
    for (const auto& [object, stored_at] : objects) {
        const std::string_view rest = std::string_view(object).substr(folder.size());
        std::string name(rest.substr(0, rest.find('/')));
        if (stored_at < before && is_id_text(name) && is_s3_tail(object, name))
            listed.insert(std::move(name));
    }
    co_return std::vector<std::string>(listed.begin(), listed.end());
}

// Those that a crash left without their marks cannot be told from the others by the store.
Task<std::vector<StoredRest>> S3Store::list_rests(const std::string& slice, std::size_t limit) {
    ensure(slice.size() == 2, "a slice of ids is two digits");
    const std::string beginning = "large/" + slice + "/";
    const auto objects = co_await list_objects(bucket(), beginning, limit);
    std::vector<StoredRest> listed;
    for (const auto& [object, stored_at] : objects)
        if (const auto id = parse_s3_large_object(object))
            listed.push_back({.id = *id, .stored_at = stored_at});
    co_return listed;
}

Task<> S3Store::remove_rest(BlobId id) {
    std::string object = s3_large_object(id);
    co_await delete_object(bucket(), std::move(object));
}

Task<std::optional<std::string>> S3Store::find_name() {
    const std::string object(s3_name_object);
    auto download = co_await bucket().download(object);
    if (!download || *download->reply.length > limits::storage_name_bytes) co_return std::nullopt;
    const http::ResponseBody body = co_await read(object, *std::move(download));
    std::string name = std::get<std::string>(body);
    if (!name.ends_with('\n')) co_return std::nullopt;
    name.pop_back();
    co_return name;
}

Task<> S3Store::give_name(std::string name) {
    name += '\n';
    std::string object(s3_name_object);
    const S3Bytes bytes = hash_s3_bytes(name);
    co_await put_object(bucket(), std::move(object), bytes);
}

std::unique_ptr<Store> open_s3_store(S3Options options, http::Client& client, WorkerThreads& workers,
                                     LoopExecutor background, Context& context) {
    return std::make_unique<S3Store>(
        std::make_shared<S3Shared>(std::move(options), client, workers, background, context));
}

}  // namespace lodestone::blobs
