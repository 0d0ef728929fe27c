// Marks, deletions and what undoes them, each with what it changes in the repository's usage.
#include "packages/remove.hpp"

#include <algorithm>

#include "base/json_text.hpp"
#include "base/problem.hpp"
#include "blobs/use.hpp"
#include "packages/fragment.hpp"
#include "packages/index_changes.hpp"
#include "packages/needing.hpp"
#include "packages/quota.hpp"
#include "packages/shown_blob.hpp"
#include "packages/tag.hpp"
#include "packages/tombstone.hpp"
#include "packages/traits.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

PackagePlace place_of(const Removing& removing, const Package& package) {
    return {removing.tenant, removing.repository->id, package.id};
}

ShownIn shown_in(const Removing& removing, const Package& package, std::int64_t version = 0) {
    return {removing.repository->number, package.number, version};
}

void record(Tx& tx, const char* action, const Removing& removing, const Package& package,
            const Version* version, std::string_view file = {}) {
    std::string details = "{\"repository\":";
    append_json_string(details, removing.repository->name);
    details += ",\"package\":";
    append_json_string(details, package.name);
    if (version != nullptr) {
        details += ",\"version\":";
        append_json_string(details, version->name);
    }
    if (!file.empty()) {
        details += ",\"file\":";
        append_json_string(details, file);
    }
    details += ",\"reason\":";
    append_json_string(details, removing.reason);
    tx.record({.action = action,
               .tenant = removing.tenant.text(),
               .subject = version != nullptr ? version->id.text() : package.id.text(),
               .details = details + "}",
               .stale_indexes = version != nullptr ? stale_indexes(*removing.repository, package.name_key)
                                                   : stale_lists(*removing.repository, package.name_key)});
}

Repository need_repository(Tx& tx, const Removing& removing) {
    auto repository = find_repository(tx, removing.tenant, removing.repository->id);
    if (!repository) db::refuse_absent("repository", removing.repository->name);
    return *std::move(repository);
}

Usage usage_of(const Version& version, std::int64_t bytes, int sign) {
    return {.bytes = sign * bytes,
            .package_count = 0,
            .version_count = sign,
            .file_count = sign * version.file_count};
}

// Its blobs are shown again; refuses when there is no room for them.
Usage show_again(Tx& tx, const Removing& removing, const Package& package, const Version& version) {
    const std::int64_t bytes = show_blobs(tx, removing.tenant, shown_in(removing, package, version.number),
                                          list_needed_blobs(tx, removing.tenant, version.number));
    return usage_of(version, bytes, 1);
}

}  // namespace

Version yank_version(Tx& tx, const Removing& removing, const Package& package, Version version) {
    if (version.state == VersionState::yanked && version.yank_reason == removing.reason) return version;
    version.state = VersionState::yanked;
    version.yank_reason = removing.reason;
    update_version(tx, place_of(removing, package), version);
    record(tx, "package.yank", removing, package, &version);
    return version;
}

Version unyank_version(Tx& tx, const Removing& removing, const Package& package, Version version) {
    if (version.state == VersionState::published) return version;
    version.state = VersionState::published;
    version.yank_reason.clear();
    update_version(tx, place_of(removing, package), version);
    record(tx, "package.unyank", removing, package, &version);
    return version;
}

Version deprecate_version(Tx& tx, const Removing& removing, const Package& package, Version version) {
    if (version.deprecation == removing.reason) return version;
    version.deprecation = removing.reason;
    update_version(tx, place_of(removing, package), version);
    record(tx, "package.deprecate", removing, package, &version);
    return version;
}

Version delete_version(Tx& tx, const Removing& removing, const Package& package, Version version) {
    const PackagePlace place = place_of(removing, package);
    bury_version(tx, {place, version.id}, removing.reason);
    delete_tags_of(tx, place, version.id);
    hide_traits(tx, {place, version.id});
    const std::int64_t bytes =
        hide_blobs_of_version(tx, removing.tenant, shown_in(removing, package, version.number));
    mark_version_deleted(tx, place, version);
    record(tx, "package.delete_version", removing, package, &version);
    change_usage(tx, place.in_repository(), usage_of(version, bytes, -1));
    return version;
}

Version restore_version(Tx& tx, const Removing& removing, const Package& package, const VersionId& id) {
    const PackagePlace place = place_of(removing, package);
    std::optional<Version> version = find_deleted_version(tx, place, id);
    if (!version) db::refuse_absent("deleted version", id.text());
    if (const auto needed = find_deleted_need(tx, {place, version->id}))
        throw Problem(problems::conflict, "The version " + version->name + " needs " + *needed +
                                              ", which is deleted: restore that first.");
    const Repository repository = need_repository(tx, removing);
    show_traits(tx, {place, version->id});
    if (!mark_version_restored(tx, place, *version)) db::refuse_taken_meanwhile("version", version->name);
    const Usage difference = show_again(tx, removing, package, *version);
    check_quota(tx, removing.tenant, repository, difference);
    record(tx, "package.restore_version", removing, package, &*version);
    change_usage(tx, place.in_repository(), difference);
    return *std::move(version);
}

bool delete_version_file(Tx& tx, const Removing& removing, const Package& package, Version version,
                         std::string_view name) {
    const PackagePlace place = place_of(removing, package);
    const VersionPlace in_version{place, version.id};
    const std::optional<File> file = find_file(tx, in_version, name);
    if (!file) return false;
    bury_file(tx, place.in_repository(), {.package = package, .version = version, .file = *file},
              removing.reason);
    delete_file(tx, in_version, name);
    delete_fragments(tx, in_version, name);
    Usage difference{.file_count = -1};
    const std::vector<File> left = list_files(tx, in_version);
    if (std::ranges::count(left, file->blob_id, &File::blob_id) == 0) {
        difference.bytes -=
            hide_blob(tx, removing.tenant, shown_in(removing, package, version.number), file->blob_id);
        blobs::release_use(tx, removing.tenant, version.number, file->blob_id);
    }
    version.size_bytes -= file->size_bytes;
    --version.file_count;
    update_version(tx, place, version);
    record(tx, "package.delete_file", removing, package, &version, name);
    change_usage(tx, place.in_repository(), difference);
    return true;
}

Package delete_package(Tx& tx, const Removing& removing, Package package) {
    const PackagePlace place = place_of(removing, package);
    bury_package(tx, place, removing.reason);
    delete_all_tags(tx, place);
    Usage difference{.package_count = -1};
    difference.bytes = -hide_blobs_of_package(tx, removing.tenant, shown_in(removing, package));
    difference.file_count = -count_files(tx, place);
    difference.version_count = -mark_versions_deleted(tx, place);
    mark_package_deleted(tx, place.in_repository(), package);
    record(tx, "package.delete", removing, package, nullptr);
    change_usage(tx, place.in_repository(), difference);
    return package;
}

Package restore_package(Tx& tx, const Removing& removing, const PackageId& id) {
    const RepositoryPlace in_repository{removing.tenant, removing.repository->id};
    std::optional<Package> package = find_deleted_package(tx, in_repository, id);
    if (!package) db::refuse_absent("deleted package", id.text());
    const Repository repository = need_repository(tx, removing);
    const PackagePlace place = place_of(removing, *package);
    std::vector<Version> versions = list_versions_deleted_at(tx, place, *package->deleted_at);
    if (!mark_package_restored(tx, in_repository, *package))
        db::refuse_taken_meanwhile("package", package->name);
    Usage difference{.package_count = 1};
    for (Version& version : versions) {
        if (!mark_version_restored(tx, place, version)) db::refuse_taken_meanwhile("version", version.name);
        const Usage more = show_again(tx, removing, *package, version);
        difference.bytes += more.bytes;
        difference.version_count += more.version_count;
        difference.file_count += more.file_count;
    }
    check_quota(tx, removing.tenant, repository, difference);
    record(tx, "package.restore", removing, *package, nullptr);
    change_usage(tx, in_repository, difference);
    return *std::move(package);
}

}  // namespace lodestone::packages
