// The directory: what is loaded of a repository, and what makes it be forgotten.
#include "packages/directory.hpp"

#include <algorithm>
#include <array>
#include <set>
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

bool concerns_repositories(const db::Change& change) {
    static constexpr std::array types{"repository", "app", "tenant"};
    const std::string_view action = change.action;
    return std::ranges::count(types, action.substr(0, action.find('.'))) > 0;
}

}  // namespace

std::shared_ptr<const RepositoryEntry> repository_of(const http::Request& request) {
    ensure(request.repository != nullptr, "the route's access column names a repository");
    return std::static_pointer_cast<const RepositoryEntry>(request.repository);
}

Directory::Directory(Context& context, Formats formats) : context_(context), formats_(formats) {}

Directory::~Directory() = default;

std::optional<FoundRepository> Directory::find_now(const TenantId& tenant, std::string_view called) {
    if (!can_be_called(tenant, called)) return FoundRepository();
    return memory_.find(key_of(tenant, called), [&](const Memory::Kept& kept) {
        return context_.clock.steady_now() - kept.loaded < limits::repository_lifetime &&
               changes_.is_current(kept.asked, tenant);
    });
}

Task<FoundRepository> Directory::find(TenantId tenant, std::string called, SteadyTime deadline) {
    if (auto found = find_now(tenant, called)) co_return *std::move(found);
    const std::uint64_t asked = changes_.last();
    auto begin = [&] { load(tenant, called, deadline, asked); };
    FoundRepository found = co_await memory_.load(key_of(tenant, called), asked, begin);
    co_return found;
}

// Nothing for a format, or a kind of it, that is no longer served: as if it were not there, for every route.
FoundRepository Directory::make_entry(const StoredRepository& stored) const {
    const Format* const format = find_format(formats_, stored.format);
    if (format == nullptr || !is_served(*format, stored.kind)) return nullptr;
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
    entry->indexes = indexes_;
    entry->unasked_bytes = &unasked_bytes_[static_cast<std::uint64_t>(stored.number) % unasked_bytes_.size()];
    entry->number = stored.number;
    entry->kind = stored.kind;
    entry->settings = parse_repository_settings(stored.settings);
    return entry;
}

void Directory::load(const TenantId& tenant, const std::string& called, SteadyTime deadline,
                     std::uint64_t asked) {
    const SteadyTime loaded = context_.clock.steady_now();
    auto look = [tenant, called](db::Tx& tx) {
        if (is_repository_name(called)) return tx.maybe(find_by_name, tenant, called);
        return tx.maybe(find_by_id, tenant, RepositoryId::trusted(called));
    };
    context_.database->read_for(
        [this, key = key_of(tenant, called), loaded, asked](std::exception_ptr failure, auto stored) {
            Memory::Kept kept{.value = nullptr, .loaded = loaded, .asked = asked};
            if (!failure)
                if (const std::optional<StoredRepository> found = stored.take())
                    kept.value = make_entry(*found);
            memory_.end(key, {.kept = std::move(kept), .failure = db::for_client(std::move(failure))});
        },
        db::Unit{.actor = "system", .request_id = {}, .deadline = deadline}, std::move(look));
}

void Directory::note_changes(const std::vector<db::Change>& changes) {
    for (const db::Change& change : changes)
        if (concerns_repositories(change)) heed(change.tenant);
}

void Directory::heed(const std::string& payload) {
    if (payload.empty())
        changes_.note_everything();
    else
        changes_.note(TenantId::trusted(payload));
}

void Directory::start_watching() {
    if (context_.database == nullptr) return;
    watch_ =
        context_.database->watch_changes(channel, [this](const ChangeEvent& event) { heed(event.payload); });
}

void Directory::stop_watching() {
    watch_.reset();
}

void notify_of(db::Tx& tx, const std::vector<db::Change>& changes) {
    std::set<std::string> payloads;
    for (const db::Change& change : changes)
        if (concerns_repositories(change)) payloads.insert(change.tenant);
    for (const std::string& payload : payloads) tx.notify(channel, payload);
}

}  // namespace lodestone::packages
