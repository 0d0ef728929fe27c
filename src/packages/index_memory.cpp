// Rendering indexes, each once at a time, and keeping them.
#include "packages/index_memory.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/clock.hpp"
#include "base/compress.hpp"
#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/memory_file.hpp"
#include "base/worker_threads.hpp"
#include "db/database.hpp"
#include "db/work_await.hpp"
#include "packages/index_changes.hpp"

namespace lodestone::packages {

namespace {

constexpr const char* channel = "lodestone_indexes";
// Everything that what is rendered depends on.
std::string key_of(const WantedIndex& wanted) {
    const IndexSubject& subject = wanted.subject;
    std::string key = std::to_string(subject.repository->number);
    for (const std::string_view part :
         {wanted.kind->name, http::coding_name(wanted.coding), std::string_view(subject.base),
          std::string_view(subject.package_key)})
        key.append(1, '\0').append(part);
    return key;
}

std::string compress(std::string_view text, http::Coding coding) {
    return coding == http::Coding::zstd ? compress_zstd(text) : compress_gzip(text);
}

std::string digest_of(std::string_view text) {
    Sha256Digest digest;
    digest.add(text);
    return to_hex(digest.finish());
}

}  // namespace

struct IndexMemory::Job {
    WantedIndex wanted;
    std::string key;
    std::uint64_t asked = 0;
    SteadyTime begun{};
    Found former;  // what was kept and is no longer believed
};

IndexMemory::IndexMemory(Context& context, WorkerThreads& workers, std::size_t most_bytes)
    : context_(context),
      workers_(workers),
      rendered_(context.metrics.counter("lodestone_indexes_rendered_total",
                                        "Indexes of packages that were rendered from rows.")),
      files_(context, changes_),
      kept_(most_bytes) {
    context.metrics.add_reader("lodestone_index_memory_bytes", "What rendered indexes take in memory.",
                               Metrics::ReadAs::gauge, [this] { return static_cast<double>(size_bytes()); });
}

IndexMemory::~IndexMemory() = default;

IndexMemory::Found IndexMemory::find_now(const WantedIndex& wanted) {
    const std::size_t group = index_group(wanted.subject.repository->number, wanted.subject.package_key);
    return kept_.find(key_of(wanted), [&](const Kept& kept) {
        return context_.clock.steady_now() - kept.loaded < limits::index_lifetime &&
               changes_.is_current(kept.asked, group);
    });
}

Task<IndexMemory::Found> IndexMemory::find(WantedIndex wanted, SteadyTime deadline) {
    auto job = std::make_shared<Job>();
    job->key = key_of(wanted);
    job->wanted = std::move(wanted);
    job->asked = changes_.last();
    job->begun = context_.clock.steady_now();
    auto begin_it = [&] { begin(job, deadline); };
    Found found = co_await flights_.load(job->key, job->asked, begin_it);
    co_return found;
}

void IndexMemory::begin(const std::shared_ptr<Job>& job, SteadyTime deadline) {
    job->former = kept_.find(job->key, [](const Kept&) { return true; });
    auto render = [job](db::Tx& tx) { return job->wanted.kind->render(tx, job->wanted.subject); };
    context_.database->read_for(
        [this, job](std::exception_ptr failure, auto text) {
            if (failure) return finish(job, db::for_client(std::move(failure)), std::nullopt);
            finish(job, nullptr, text.take());
        },
        db::Unit{.actor = "system", .request_id = {}, .deadline = deadline}, std::move(render));
}

// What takes long is a worker's: this is called on a thread of the database's.
void IndexMemory::finish(const std::shared_ptr<Job>& job, std::exception_ptr failure,
                         std::optional<std::string> text) {
    auto land = [this, job](Found found, std::exception_ptr why) {
        flights_.end(job->key,
                     {.kept = {.value = std::move(found), .loaded = job->begun, .asked = job->asked},
                      .is_worth_keeping = false,
                      .failure = std::move(why)});
    };
    if (failure || !text) return land(nullptr, std::move(failure));
    workers_.submit([this, job, land, text = *std::move(text)]() mutable {
        std::exception_ptr why;
        std::shared_ptr<RenderedIndex> index;
        try {
            index = make_index(*job, std::move(text));
            kept_.keep({.key = job->key,
                        .value = index,
                        .loaded = job->begun,
                        .asked = job->asked,
                        .size_bytes = index->size_bytes});
        } catch (...) {
            why = std::current_exception();
        }
        land(std::move(index), std::move(why));
    });
}

std::shared_ptr<RenderedIndex> IndexMemory::make_index(const Job& job, std::string text) {
    rendered_.add();
    auto index = std::make_shared<RenderedIndex>();
    index->content = digest_of(text);
    const bool pays = text.size() >= limits::least_compressed_bytes;
    index->coding = pays ? job.wanted.coding : http::Coding::identity;
    if (job.former && job.former->content == index->content && job.former->coding == index->coding) {
        index->bytes = job.former->bytes;
        index->file = job.former->file;
        index->size_bytes = job.former->size_bytes;
    } else if (index->coding == http::Coding::identity) {
        index->bytes = std::move(text);
    } else {
        index->bytes = compress(text, index->coding);
    }
    if (!index->file) index->size_bytes = index->bytes.size();
    if (index->bytes.size() >= limits::index_file_bytes) index->file = make_memory_file(index->bytes);
    if (index->file) index->bytes = {};
    index->etag = '"' + index->content;
    if (index->coding != http::Coding::identity)
        index->etag.append("-").append(http::coding_name(index->coding));
    index->etag += '"';
    return index;
}

void IndexMemory::note_changes(const std::vector<db::Change>& changes) {
    for (const db::Change& change : changes)
        for (const std::uint32_t group : change.stale_indexes) changes_.note(group);
}

// What it does not understand concerns everything.
void IndexMemory::heed(const std::string& payload) {
    std::uint32_t group = 0;
    const auto read = std::from_chars(payload.data(), payload.data() + payload.size(), group);
    if (payload.empty() || read.ec != std::errc() || read.ptr != payload.data() + payload.size())
        changes_.note_everything();
    else
        changes_.note(group);
}

void IndexMemory::start_watching() {
    if (context_.database == nullptr) return;
    watch_ =
        context_.database->watch_changes(channel, [this](const ChangeEvent& event) { heed(event.payload); });
}

void IndexMemory::stop_watching() {
    watch_.reset();
}

void notify_of_indexes(db::Tx& tx, const std::vector<db::Change>& changes) {
    std::set<std::uint32_t> groups;
    for (const db::Change& change : changes)
        groups.insert(change.stale_indexes.begin(), change.stale_indexes.end());
    // Of very many it is told once that all have.
    if (groups.size() > limits::told_index_groups) return tx.notify(channel, {});
    for (const std::uint32_t group : groups) tx.notify(channel, std::to_string(group));
}

}  // namespace lodestone::packages
