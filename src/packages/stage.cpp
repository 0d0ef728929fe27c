// A staged publication holds its bytes as a version does, under a number of its own: as owner in blob_uses,
// and in package_blobs as a version of a package that there is not, so that they count and nobody is shown
// them. Two who approve, reject or expire one delete the same row: one of them is run again, and finds
// nothing.
#include "packages/stage.hpp"

#include <boost/describe/class.hpp>

#include "base/json_text.hpp"
#include "base/number_id.hpp"
#include "base/stage_limits.hpp"
#include "blobs/blob.hpp"
#include "blobs/use.hpp"
#include "db/noun.hpp"
#include "packages/keep_blobs.hpp"
#include "packages/quota.hpp"
#include "packages/repository.hpp"
#include "packages/staged_content.hpp"
#include "packages/text_list.hpp"
#include "packages/usage.hpp"

namespace lodestone::packages {

using db::Tx;

// Of a repository that may be deleted.
struct NamedRepository {
    std::int64_t number = 0;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(NamedRepository, (), (number, name))

namespace {

const db::Query<NamedRepository, TenantId, RepositoryId> find_any_repository{
    "staged.find_repository", "SELECT number, name FROM repositories WHERE tenant_id = $1 AND id = $2"};

// So that of two who count and add, one is run again.
const db::Command<TenantId, RepositoryId> touch_usage{
    "staged.touch_usage",
    "UPDATE repository_usage SET bytes = bytes WHERE tenant_id = $1 AND repository_id = $2"};

// A staged publication as it is told of.
struct Told {
    std::string_view repository;
    std::string_view package;
    std::string_view version;
    std::string_view staged_by{};  // where that is another one than who does it now
};

void record(Tx& tx, const char* action, const TenantId& tenant, const StagedId& id, const Told& told) {
    std::string details = "{\"repository\":";
    append_json_string(details, told.repository);
    details += ",\"package\":";
    append_json_string(details, told.package);
    details += ",\"version\":";
    append_json_string(details, told.version);
    if (!told.staged_by.empty()) {
        details += ",\"staged_by\":";
        append_json_string(details, told.staged_by);
    }
    tx.record({.action = action, .tenant = tenant.text(), .subject = id.text(), .details = details + "}"});
}

Told tell(const StagedIn& in, const Staged& staged) {
    return {.repository = in.repository->name,
            .package = staged.package_name,
            .version = staged.version_name,
            .staged_by = staged.created_by};
}

ShownIn shown_in(std::int64_t repository_number, std::int64_t number) {
    return {.repository = repository_number, .package = number, .version = number};
}

// What nobody else needs is collected later.
void let_go(Tx& tx, const RepositoryPlace& place, const ShownIn& shown) {
    const std::int64_t bytes = hide_blobs_of_version(tx, place.tenant, shown);
    blobs::release_uses(tx, place.tenant, shown.version);
    change_usage(tx, place, {.bytes = -bytes});
}

void end_expired(Tx& tx, const EndedStaged& ended) {
    const NamedRepository repository = tx.one(find_any_repository, ended.tenant_id, ended.repository_id);
    record(tx, "package.end_staged", ended.tenant_id, ended.id,
           {.repository = repository.name, .package = ended.package_name, .version = ended.version_name});
    let_go(tx, {ended.tenant_id, ended.repository_id}, shown_in(repository.number, ended.number));
}

void check_is_new(Tx& tx, const RepositoryPlace& place, const Publication& wanted) {
    if (const auto ended = delete_expired_staged(tx, place, wanted.package_key, wanted.version_key))
        end_expired(tx, *ended);
    if (const auto there = find_staged_version(tx, place, wanted.package_key, wanted.version_key))
        throw Problem(problems::conflict, "Version " + wanted.version_name + " of " + wanted.package_name +
                                              " is staged already, as " + there->id.text() +
                                              ": reject that first, or stage another version.");
}

void check_count(Tx& tx, const RepositoryPlace& place, const Publication& wanted) {
    tx.run(touch_usage, place.tenant, place.repository);
    if (count_staged(tx, place, wanted.package_key) >= limits::staged_per_package)
        throw Problem(problems::conflict, "Of " + wanted.package_name + " " +
                                              std::to_string(limits::staged_per_package) +
                                              " versions are staged, and no more can be: approve or reject "
                                              "some of them.");
    if (count_staged(tx, place, {}) >= limits::staged_per_repository)
        throw Problem(problems::conflict,
                      "In the repository " + wanted.repository->name + " " +
                          std::to_string(limits::staged_per_repository) +
                          " versions are staged, and no more can be: approve or reject some of them.");
}

std::string render_content(const Publication& wanted) {
    for (const Fragment& fragment : wanted.fragments) check_fragment(fragment);
    std::string content = render_staged_content(wanted);
    if (content.size() > limits::staged_content_bytes)
        throw Problem(problems::invalid_input,
                      "What is said about this version is longer than " +
                          std::to_string(limits::staged_content_bytes / limits::mib) +
                          " MiB: shorten its metadata.");
    return content;
}

Staged describe(const Tx& tx, const Publication& wanted, const StagingIds& ids, std::string facts) {
    Staged staged{.id = ids.id,
                  .number = ids.number,
                  .package_name = wanted.package_name,
                  .package_key = wanted.package_key,
                  .version_name = wanted.version_name,
                  .version_key = wanted.version_key,
                  .tags = render_text_list(wanted.tags),
                  .facts = std::move(facts),
                  .file_count = static_cast<std::int64_t>(wanted.files.size()),
                  .created_at = tx.now(),
                  .created_by = tx.unit().actor,
                  .expires_at = tx.now() + limits::staged_lifetime};
    for (const File& file : wanted.files) staged.size_bytes += file.size_bytes;
    return staged;
}

// Answers by how many bytes the repository grows.
std::int64_t hold_bytes(Tx& tx, const Publication& wanted, std::int64_t number) {
    std::vector<ShownBlob> needed = wanted.needs;
    for (const File& file : wanted.files)
        needed.push_back({.blob_id = file.blob_id, .size_bytes = file.size_bytes});
    return keep_blobs(tx, wanted, shown_in(wanted.repository->number, number), std::move(needed));
}

Repository need_repository(Tx& tx, const Publication& wanted) {
    auto repository = find_repository(tx, wanted.tenant, wanted.repository->id);
    if (!repository) db::refuse_absent("repository", wanted.repository->name);
    return *std::move(repository);
}

// From here on it is nobody else's.
Staged take(Tx& tx, const StagedIn& in) {
    Staged staged = need_staged(tx, in.place(), in.id);
    if (!delete_staged(tx, in.place(), in.id)) db::refuse_absent("staged publication", in.id.text());
    return staged;
}

}  // namespace

StagingIds make_staging_ids(Context& context) {
    return {.id = make_id<StagedId>(context.clock, context.random),
            .number = make_number(context.clock, context.random)};
}

Staged stage(Tx& tx, const Publication& publication, const StagingIds& ids, std::string facts) {
    const RepositoryPlace place{publication.tenant, publication.repository->id};
    check_publication(tx, publication);
    check_is_new(tx, place, publication);
    check_count(tx, place, publication);
    Staged staged = describe(tx, publication, ids, std::move(facts));
    if (!insert_staged(tx, place, staged, render_content(publication)))
        db::refuse_taken_meanwhile("staged version", publication.version_name);
    const Usage grown{.bytes = hold_bytes(tx, publication, ids.number)};
    check_quota(tx, publication.tenant, need_repository(tx, publication), grown);
    record(tx, "package.stage", publication.tenant, staged.id,
           {.repository = publication.repository->name,
            .package = staged.package_name,
            .version = staged.version_name});
    change_usage(tx, place, grown);
    return staged;
}

Published approve(Tx& tx, const StagedIn& in, const Approval& approval, const PublicationIds& ids) {
    const std::optional<std::string> content = find_staged_content(tx, in.place(), in.id);
    if (!content) db::refuse_absent("staged publication", in.id.text());
    const Staged staged = take(tx, in);
    Publication publication{.tenant = in.tenant, .repository = in.repository};
    publication.package_name = staged.package_name;
    publication.package_key = staged.package_key;
    publication.version_name = staged.version_name;
    publication.version_key = staged.version_key;
    publication.fold_file = approval.fold_file;
    publication.check_may = approval.check_may;
    parse_staged_content(*content, publication);
    Published published = publish(tx, publication, ids);
    record(tx, "package.approve", in.tenant, staged.id, tell(in, staged));
    let_go(tx, in.place(), shown_in(in.repository->number, staged.number));
    return published;
}

void reject(Tx& tx, const StagedIn& in) {
    const Staged staged = take(tx, in);
    record(tx, "package.reject", in.tenant, staged.id, tell(in, staged));
    let_go(tx, in.place(), shown_in(in.repository->number, staged.number));
}

FoundFile need_staged_file(Tx& tx, const StagedIn& in) {
    const std::optional<std::string> content = find_staged_content(tx, in.place(), in.id);
    if (!content) db::refuse_absent("staged publication", in.id.text());
    Publication publication{.tenant = in.tenant, .repository = in.repository};
    parse_staged_content(*content, publication);
    if (publication.files.empty()) db::refuse_absent("file of the staged publication", in.id.text());
    const File& file = publication.files.front();
    const auto blob = blobs::find_blob(tx, file.blob_id);
    if (!blob) db::refuse_absent("file of the staged publication", in.id.text());
    return {.package_id = {},
            .version_id = {},
            .version_name = {},
            .name = file.name,
            .blob_id = file.blob_id,
            .sha256 = file.sha256,
            .size_bytes = file.size_bytes,
            .content_type = file.content_type,
            .digests = file.digests,
            .created_at = blob->created_at,
            .copy_id = blob->copy_id,
            .withdrawn_at = blob->withdrawn_at};
}

std::int64_t purge_staged(Tx& tx, Time deadline) {
    const std::vector<EndedStaged> ended = delete_expired_staged(tx, deadline);
    for (const EndedStaged& one : ended) end_expired(tx, one);
    return static_cast<std::int64_t>(ended.size());
}

}  // namespace lodestone::packages
