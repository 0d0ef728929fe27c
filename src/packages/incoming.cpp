// Questions before and after a body.
#include "packages/incoming.hpp"

#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "blobs/blobs.hpp"
#include "db/database.hpp"
#include "identity/identity.hpp"
#include "packages/publish.hpp"
#include "packages/quota.hpp"
#include "packages/repository_rules.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

// Of what does not say how much it is, one byte is certain.
std::uint64_t least_bytes(const http::Request& request) {
    return request.body->length().value_or(1);
}

// Counted before it is compared, so that of several at once no two find the same room.
bool may_pass_unasked(const http::Request& request, const RepositoryEntry& repository) {
    const auto length = request.body->length();
    if (!length || *length > limits::unasked_body_bytes) return false;
    return repository.unasked_bytes->fetch_add(*length) + *length <= limits::unasked_body_bytes;
}

Task<> check_disk(blobs::Store& store, std::uint64_t bytes) {
    const std::optional<std::uint64_t> room = co_await store.find_room();
    if (room && *room < bytes)
        throw Problem(problems::storage_full, "There is no room for the file: make some and send it again.");
}

}  // namespace

Task<std::optional<FoundFile>> check_incoming(Context& context, const http::Request& request,
                                              const IncomingFile& file) {
    // What is replaced may make room: publish() will know.
    if (file.repository->settings.overwrite == Overwrite::allowed) {
        if (least_bytes(request) > limits::unasked_body_bytes)
            co_await check_disk(file.repository->blobs->store(), least_bytes(request));
        co_return std::nullopt;
    }
    const db::Unit unit = identity::make_unit(request);
    const RepositoryPlace place{file.tenant, file.repository->id};
    auto find = [&](Tx& tx) { return find_fetched(tx, place, file.key); };
    std::optional<FoundFile> found = co_await context.database->look_up(unit, find);
    if (found && found->is_readable())
        throw published_already(file.key.name, file.key.version, file.key.package);
    auto find_buried = [&](Tx& tx) { return find_tombstone(tx, place, file.key); };
    if (file.sha256) {
        const std::optional<Sha256> buried = co_await context.database->look_up(unit, find_buried);
        if (buried && *buried != *file.sha256)
            throw published_before(file.key.name, file.key.version, file.key.package);
    }
    co_await check_room(context, request, file.tenant, *file.repository);
    co_return found;
}

void check_same_bytes(const IncomingFile& file, const std::optional<FoundFile>& damaged,
                      const Sha256& sha256) {
    if (damaged && damaged->sha256 != sha256)
        throw published_already(file.key.name, file.key.version, file.key.package);
}

// It may be another one by now: deleted and published again while the bytes came, by somebody else.
bool is_brought_back(Tx& tx, const IncomingFile& file, const std::optional<FoundFile>& damaged,
                     blobs::BlobId entered) {
    if (!damaged || damaged->blob_id != entered) return false;
    const auto found = find_fetched(tx, {file.tenant, file.repository->id}, file.key);
    return found && found->blob_id == entered;
}

Task<> check_room(Context& context, const http::Request& request, const TenantId& tenant,
                  const RepositoryEntry& repository) {
    check_takes_publications(repository.kind, repository.name);
    if (may_pass_unasked(request, repository)) co_return;
    const std::uint64_t bytes = least_bytes(request);
    co_await check_disk(repository.blobs->store(), bytes);
    auto ask = [&](Tx& tx) {
        const auto stored = find_repository(tx, tenant, repository.id);
        if (!stored) db::refuse_absent("repository", repository.name);
        foresee_quota(tx, tenant, *stored, static_cast<std::int64_t>(bytes));
    };
    co_await context.database->read(identity::make_unit(request), ask);
    // Not after a refusal: where there is no room, all are asked about.
    repository.unasked_bytes->store(0);
}

Task<> begin_anew(Context& context, http::Request& request) {
    request.deadline = context.clock.steady_now() + request.allowed_time;
    co_await context.identity->gate.admit_again(request);
}

db::Unit unit_behind_body(const http::Request& request) {
    db::Unit unit = identity::make_unit(request);
    unit.deadline = db::Unit().deadline;
    return unit;
}

std::function<void(std::string_view permission)> ask_gate(const Context& context,
                                                          const http::Request& request) {
    return [&context, &request](std::string_view permission) {
        context.identity->gate.authorise_known(request, permission,
                                               identity::resource_of(request, *request.principal));
    };
}

std::string content_type_of(const http::Request& request) {
    const std::string_view type = request.header("content-type").value_or("");
    return type.empty() || type.size() > limits::content_type_bytes ? "application/octet-stream"
                                                                    : std::string(type);
}

}  // namespace lodestone::packages
