// The directory: what is fresh, who waits for whom, and what is forgotten when.
#include "packages/directory.hpp"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "base/ensure.hpp"
#include "db/database.hpp"
#include "db/work_await.hpp"

namespace lodestone::packages {

using identity::FoundRepository;

struct StoredRepository {
    RepositoryId id;
    AppId app_id;
    std::string name;
    std::string format;
    RepositoryKind kind{};
    RepositoryVisibility visibility{};
    std::string settings;
    std::int64_t number = 0;
    bool is_app_active = false;
};
BOOST_DESCRIBE_STRUCT(StoredRepository, (),
                      (id, app_id, name, format, kind, visibility, settings, number, is_app_active))

namespace {

constexpr std::size_t shard_count = 32;
constexpr const char* channel = "lodestone_repositories";

const db::Query<StoredRepository, TenantId, std::string> find_by_name{
    "directory.find_by_name",
    "SELECT r.id, r.app_id, r.name, r.format, r.kind, r.visibility, r.settings, r.number, "
    "       (a.status = 'active') AS is_app_active "
    "FROM repositories AS r JOIN apps AS a ON a.tenant_id = r.tenant_id AND a.id = r.app_id "
    "WHERE r.tenant_id = $1 AND r.name = $2 AND r.deleted_at IS NULL AND a.deleted_at IS NULL"};

const db::Query<StoredRepository, TenantId, RepositoryId> find_by_id{
    "directory.find_by_id",
    "SELECT r.id, r.app_id, r.name, r.format, r.kind, r.visibility, r.settings, r.number, "
    "       (a.status = 'active') AS is_app_active "
    "FROM repositories AS r JOIN apps AS a ON a.tenant_id = r.tenant_id AND a.id = r.app_id "
    "WHERE r.tenant_id = $1 AND r.id = $2 AND r.deleted_at IS NULL AND a.deleted_at IS NULL"};

std::string key_of(const TenantId& tenant, std::string_view called) {
    return tenant.text() + '/' + std::string(called);
}

// Neither text was looked at by anybody: what cannot be one of ours is not looked for, and not kept.
bool can_be_called(const TenantId& tenant, std::string_view called) {
    return is_id_text(tenant.text()) && (is_repository_name(called) || is_id_text(called));
}

std::size_t group_of(const TenantId& tenant) {
    return std::hash<TenantId>{}(tenant) % limits::repository_groups;
}

void raise_to(std::atomic<std::uint64_t>& number, std::uint64_t least) {
    std::uint64_t seen = number.load();
    while (seen < least && !number.compare_exchange_weak(seen, least)) {
    }
}

bool concerns_repositories(const db::Change& change) {
    static constexpr std::array types{"repository", "app", "tenant"};
    const std::string_view action = change.action;
    return std::ranges::count(types, action.substr(0, action.find('.'))) > 0;
}

}  // namespace

struct Directory::Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Kept> kept;
    // By what is loaded and since which change: who asks after a change does not wait for what began before
    // it.
    std::unordered_map<std::string, std::vector<std::unique_ptr<Waiter>>> flights;
};

// Goes on on the loop of whoever waits.
template <class Handler>
class Directory::LoopWaiter final : public Waiter {
  public:
    explicit LoopWaiter(Handler handler) : handler_(std::move(handler)) {}
    void resume(std::exception_ptr failure, FoundRepository found) override {
        auto executor = boost::asio::get_associated_executor(handler_);
        boost::asio::post(executor, [handler = std::move(handler_), failure = std::move(failure),
                                     found = std::move(found)]() mutable {
            handler(std::move(failure), std::move(found));
        });
    }

  private:
    Handler handler_;
};

std::shared_ptr<const RepositoryEntry> repository_of(const http::Request& request) {
    ensure(request.repository != nullptr, "the route's access column names a repository");
    return std::static_pointer_cast<const RepositoryEntry>(request.repository);
}

Directory::Directory(Context& context, Formats formats) : context_(context), formats_(formats) {
    for (std::size_t i = 0; i < shard_count; ++i) shards_.push_back(std::make_unique<Shard>());
}

Directory::~Directory() = default;

Directory::Shard& Directory::shard_of(const std::string& key) const {
    return *shards_[std::hash<std::string>{}(key) % shard_count];
}

bool Directory::is_fresh(const Kept& kept, const TenantId& tenant) const {
    return context_.clock.steady_now() - kept.loaded < limits::repository_lifetime &&
           last_of_all_.load() <= kept.asked && last_of_group_[group_of(tenant)].load() <= kept.asked;
}

std::optional<FoundRepository> Directory::find_now(const TenantId& tenant, std::string_view called) {
    if (!can_be_called(tenant, called)) return FoundRepository();
    const std::string key = key_of(tenant, called);
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.kept.find(key);
    if (found == shard.kept.end() || !is_fresh(found->second, tenant)) return std::nullopt;
    return found->second.found;
}

Task<FoundRepository> Directory::find(TenantId tenant, std::string called, SteadyTime deadline) {
    if (auto found = find_now(tenant, called)) co_return *std::move(found);
    using Token = boost::asio::use_awaitable_t<LoopExecutor>;
    auto start = [&](auto handler) {
        join(tenant, called, deadline, std::make_unique<LoopWaiter<decltype(handler)>>(std::move(handler)));
    };
    FoundRepository found =
        co_await boost::asio::async_initiate<const Token, void(std::exception_ptr, FoundRepository)>(
            std::move(start), Token{});
    co_return found;
}

// Nothing for a format that is no longer served: as if it were not there.
FoundRepository Directory::make_entry(const StoredRepository& stored) const {
    const Format* const format = find_format(formats_, stored.format);
    if (format == nullptr) return nullptr;
    auto entry = std::make_shared<RepositoryEntry>();
    entry->id = stored.id;
    entry->app = stored.app_id;
    entry->name = stored.name;
    entry->format = stored.format;
    entry->is_public = stored.visibility == RepositoryVisibility::everybody;
    entry->is_app_active = stored.is_app_active;
    entry->fold_name = format->fold_name;
    entry->described = format;
    entry->blobs = blobs_;
    entry->downloads = downloads_;
    entry->number = stored.number;
    entry->kind = stored.kind;
    entry->settings = parse_repository_settings(stored.settings);
    return entry;
}

void Directory::join(const TenantId& tenant, const std::string& called, SteadyTime deadline,
                     std::unique_ptr<Waiter> waiter) {
    const std::string key = key_of(tenant, called);
    const std::uint64_t asked = changes_.load();
    const std::string flight = key + '#' + std::to_string(asked);
    Shard& shard = shard_of(key);
    {
        const std::lock_guard lock(shard.mutex);
        auto& waiters = shard.flights[flight];
        waiters.push_back(std::move(waiter));
        if (waiters.size() > 1) return;
    }
    const SteadyTime loaded = context_.clock.steady_now();
    auto load = [tenant, called](db::Tx& tx) {
        if (is_repository_name(called)) return tx.maybe(find_by_name, tenant, called);
        return tx.maybe(find_by_id, tenant, RepositoryId::trusted(called));
    };
    context_.database->read_for(
        [this, key, flight, loaded, asked](std::exception_ptr failure, auto stored) {
            Kept kept{.found = nullptr, .loaded = loaded, .asked = asked};
            if (!failure)
                if (const std::optional<StoredRepository> found = stored.take())
                    kept.found = make_entry(*found);
            end_load(key, flight, std::move(kept), db::for_client(std::move(failure)));
        },
        db::Unit{.actor = "system", .request_id = {}, .deadline = deadline}, std::move(load));
}

void Directory::end_load(const std::string& key, const std::string& flight, Kept kept,
                         std::exception_ptr failure) {
    Shard& shard = shard_of(key);
    const FoundRepository found = kept.found;
    std::vector<std::unique_ptr<Waiter>> waiters;
    {
        const std::lock_guard lock(shard.mutex);
        waiters = std::move(shard.flights[flight]);
        shard.flights.erase(flight);
        const auto before = shard.kept.find(key);
        const bool is_first = before == shard.kept.end();
        if (!failure && (is_first || before->second.asked <= kept.asked)) {
            if (is_first && shard.kept.size() >= limits::cached_repositories / shard_count)
                shard.kept.erase(shard.kept.begin());
            shard.kept.insert_or_assign(key, std::move(kept));
        }
    }
    for (const auto& waiter : waiters) waiter->resume(failure, found);
}

void Directory::note_changes(const std::vector<db::Change>& changes) {
    for (const db::Change& change : changes)
        if (concerns_repositories(change)) heed(change.tenant);
}

void Directory::heed(const std::string& payload) {
    const std::uint64_t number = changes_.fetch_add(1) + 1;
    if (payload.empty())
        raise_to(last_of_all_, number);
    else
        raise_to(last_of_group_[group_of(TenantId::trusted(payload))], number);
}

void Directory::start_watching() {
    if (context_.database == nullptr) return;
    watch_ =
        context_.database->watch_changes(channel, [this](const ChangeEvent& event) { heed(event.payload); });
}

void Directory::stop_watching() {
    watch_.reset();
}

std::size_t Directory::size() const {
    std::size_t size = 0;
    for (const auto& shard : shards_) {
        const std::lock_guard lock(shard->mutex);
        size += shard->kept.size();
    }
    return size;
}

void notify_of(db::Tx& tx, const std::vector<db::Change>& changes) {
    std::set<std::string> payloads;
    for (const db::Change& change : changes)
        if (concerns_repositories(change)) payloads.insert(change.tenant);
    for (const std::string& payload : payloads) tx.notify(channel, payload);
}

}  // namespace lodestone::packages
