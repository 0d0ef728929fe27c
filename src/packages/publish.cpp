// The stages of a publication. Each looks at what the transaction sees and throws a Problem, or goes on; two
// publications of one thing that meet have changed the same row, so that one of them is run again and finds
// what the other has done.
#include "packages/publish.hpp"

#include <algorithm>
#include <set>

#include "base/index_limits.hpp"
#include "base/json_text.hpp"
#include "base/number_id.hpp"
#include "base/package_limits.hpp"
#include "blobs/use.hpp"
#include "packages/describe_package.hpp"
#include "packages/index_changes.hpp"
#include "packages/keep_blobs.hpp"
#include "packages/quota.hpp"
#include "packages/repository.hpp"
#include "packages/repository_rules.hpp"
#include "packages/search.hpp"
#include "packages/tag.hpp"
#include "packages/tagging.hpp"
#include "packages/text_list.hpp"
#include "packages/tombstone.hpp"
#include "packages/traits.hpp"
#include "packages/usage.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

// What the stages hand on.
struct Publishing {
    const Publication& wanted;
    const PublicationIds& ids;
    Repository repository;
    RepositorySettings settings;
    Published published;
    std::vector<File> files;         // that are new
    std::vector<File> replacements;  // under names that are there
    std::vector<File> replaced;      // what they replace
    Usage difference;

    RepositoryPlace place() const { return {wanted.tenant, wanted.repository->id}; }
    PackagePlace in_package() const { return {wanted.tenant, wanted.repository->id, published.package.id}; }
    VersionPlace in_version() const { return {in_package(), published.version.id}; }
    ShownIn shown_in() const {
        return {wanted.repository->number, published.package.number, published.version.number};
    }
};

Publishing begin(const Publication& publication, const PublicationIds& ids) {
    return {.wanted = publication,
            .ids = ids,
            .repository = {},
            .settings = {},
            .published = {},
            .files = {},
            .replacements = {},
            .replaced = {},
            .difference = {}};
}

// The repository as it is now, whatever the directory remembers.
void check_policy(Tx& tx, Publishing& at) {
    auto repository = find_repository(tx, at.wanted.tenant, at.wanted.repository->id);
    if (!repository) db::refuse_absent("repository", at.wanted.repository->name);
    check_takes_publications(repository->kind, repository->name);
    at.repository = *std::move(repository);
    at.settings = parse_repository_settings(at.repository.settings);
}

void find_what_is_there(Tx& tx, Publishing& at) {
    Published& published = at.published;
    if (auto package = find_package_by_key(tx, at.place(), at.wanted.package_key))
        published.package = *std::move(package);
    else
        published.is_new_package = true;
    std::optional<Version> version;
    if (!published.is_new_package) version = find_version_by_key(tx, at.in_package(), at.wanted.version_key);
    published.is_new_version = !version;
    if (version) published.version = *std::move(version);
}

[[noreturn]] void refuse_published(const Publication& wanted) {
    throw Problem(problems::conflict,
                  "Version " + wanted.version_name + " of " + wanted.package_name +
                      " is published already and stays as it is: publish another version.");
}

void check_tombstone(Tx& tx, const Publishing& at, const File& file) {
    const FileKey key{.package = at.wanted.package_key, .version = at.wanted.version_key, .name = file.name};
    if (is_buried_otherwise(tx, at.place(), key, file.sha256, at.wanted.fold_file))
        throw published_before(file.name, at.wanted.version_name, at.wanted.package_name);
}

// Another spelling of a file that is there would give other bytes to whoever fetches that.
void check_spelling(Tx& tx, const Publishing& at, const File& file) {
    if (at.published.is_new_version) return;
    const auto alike = find_file_alike(tx, at.in_version(), file.name, at.wanted.fold_file);
    if (!alike) return;
    if (at.settings.overwrite != Overwrite::allowed)
        throw published_already(*alike, at.wanted.version_name, at.wanted.package_name);
    at.wanted.check_may("package:update");
}

// Otherwise whoever asks by the tag would get something else, and nobody had moved it.
void check_is_no_tag(Tx& tx, const Publishing& at) {
    if (at.published.is_new_package || !at.published.is_new_version) return;
    if (find_tag(tx, at.in_package(), at.wanted.version_name))
        throw Problem(problems::conflict, at.wanted.version_name + " is a tag of " + at.wanted.package_name +
                                              ": publish under another version.");
}

void check_immutable(Tx& tx, Publishing& at) {
    const bool may_overwrite = at.settings.overwrite == Overwrite::allowed;
    check_is_no_tag(tx, at);
    if (!at.published.is_new_version && at.wanted.rule == PublishRule::whole && !may_overwrite)
        refuse_published(at.wanted);
    for (const File& file : at.wanted.files) {
        std::optional<File> there;
        if (!at.published.is_new_version) there = find_file(tx, at.in_version(), file.name);
        if (there && at.wanted.rule == PublishRule::same_again && there->sha256 == file.sha256) continue;
        if (there && !may_overwrite)
            throw published_already(file.name, at.wanted.version_name, at.wanted.package_name);
        if (!may_overwrite) check_tombstone(tx, at, file);
        if (there) {
            at.wanted.check_may("package:update");
            at.replaced.push_back(*std::move(there));
            at.replacements.push_back(file);
        } else {
            check_spelling(tx, at, file);
            at.files.push_back(file);
        }
    }
    if (!at.published.is_new_version && at.wanted.rule == PublishRule::same_again && !may_overwrite &&
        !at.files.empty())
        refuse_published(at.wanted);
    const auto count = at.published.version.file_count + static_cast<std::int64_t>(at.files.size());
    if (count > limits::files_per_version)
        throw Problem(problems::conflict, "A version has at most " +
                                              std::to_string(limits::files_per_version) +
                                              " files: publish another version.");
}

void summarize(const Summary& summary, Package& package) {
    if (summary.description) take_published_description(package, *summary.description);
    if (summary.keywords) take_published_keywords(package, *summary.keywords);
    add_traits(package, summary.traits);
}

// Whether it is found by other words.
bool is_described_anew(const Package& before, const Package& after) {
    return before.description != after.description || before.keywords != after.keywords ||
           before.traits != after.traits;
}

void record_package(Tx& tx, Publishing& at) {
    Package& package = at.published.package;
    const Package before = package;
    // Other content may have other traits.
    if (!at.published.is_new_version && at.wanted.rule == PublishRule::whole)
        replace_traits(tx, at.in_version(), package);
    summarize(at.wanted.summary, package);
    if (!at.published.is_new_package) {
        update_package(tx, at.place(), package);
        if (is_described_anew(before, package)) index_package(tx, at.wanted.tenant, package);
        return;
    }
    package.id = at.ids.package;
    package.number = at.ids.package_number;
    package.name = at.wanted.package_name;
    package.name_key = at.wanted.package_key;
    package.first_published_at = find_first_publication(tx, at.place(), package.name_key).value_or(Time{});
    if (!insert_package(tx, at.place(), package)) db::refuse_taken_name("package", package.name);
    index_package(tx, at.wanted.tenant, package);
    ++at.difference.package_count;
}

void record_version(Tx& tx, Publishing& at) {
    Version& version = at.published.version;
    for (const File& file : at.files) version.size_bytes += file.size_bytes;
    for (const File& file : at.replacements) version.size_bytes += file.size_bytes;
    for (const File& file : at.replaced) version.size_bytes -= file.size_bytes;
    version.file_count += static_cast<std::int64_t>(at.files.size());
    at.difference.file_count += static_cast<std::int64_t>(at.files.size());
    if (at.published.is_new_version || at.wanted.rule != PublishRule::by_file)
        version.facts = at.wanted.summary.facts;
    if (!at.published.is_new_version) return update_version(tx, at.in_package(), version);
    version.id = at.ids.version;
    version.number = at.ids.version_number;
    version.name = at.wanted.version_name;
    version.name_key = at.wanted.version_key;
    const Package& package = at.published.package;
    // Of a package that there never was before nothing was removed either.
    const bool was_there = !at.published.is_new_package || package.first_published_at < package.created_at;
    if (was_there)
        version.first_published_at =
            find_first_publication(tx, at.place(), package.name_key, version.name_key).value_or(Time{});
    if (!insert_version(tx, at.in_package(), version)) refuse_published(at.wanted);
    ++at.difference.version_count;
}

// Of what was replaced, what nothing in the version has any more.
void drop_replaced_blobs(Tx& tx, Publishing& at) {
    if (at.replaced.empty()) return;
    std::vector<File> left = list_files(tx, at.in_version());
    for (const File& file : at.replaced) {
        if (std::ranges::count(left, file.blob_id, &File::blob_id) > 0) continue;
        at.difference.bytes -= hide_blob(tx, at.wanted.tenant, at.shown_in(), file.blob_id);
        blobs::release_use(tx, at.wanted.tenant, at.published.version.number, file.blob_id);
    }
}

void record_files(Tx& tx, Publishing& at) {
    for (File& file : at.files)
        if (!insert_file(tx, at.in_version(), file))
            throw published_already(file.name, at.wanted.version_name, at.wanted.package_name);
    for (File& file : at.replacements) replace_file(tx, at.in_version(), file);
    std::vector<ShownBlob> needed = at.wanted.needs;
    for (const std::vector<File>& files : {at.files, at.replacements})
        for (const File& file : files)
            needed.push_back({.blob_id = file.blob_id, .size_bytes = file.size_bytes});
    at.difference.bytes += keep_blobs(tx, at.wanted, at.shown_in(), std::move(needed));
    drop_replaced_blobs(tx, at);
}

// Measuring reads all of a package's fragments, which each publication would pay for. So what is short is
// measured one time in so many, by a number that nobody chooses; until then it cannot have grown by much.
bool is_measured(const Publishing& at, const Fragment& fragment) {
    return fragment.body.size() > limits::unmeasured_fragment_bytes ||
           at.ids.version_number % limits::unmeasured_publications == 0;
}

// So that the index which everybody reads can be rendered afterwards: nobody is to be kept from it by one
// publication too many.
void check_index_sizes(Tx& tx, const Publishing& at) {
    std::set<std::string_view> kinds;
    for (const Fragment& fragment : at.wanted.fragments) {
        if (!fragment.is_joined || !is_measured(at, fragment)) continue;
        if (!kinds.insert(fragment.kind).second) continue;
        if (measure_fragments(tx, at.in_package(), fragment.kind) > limits::published_index_bytes)
            throw Problem(problems::conflict,
                          "What is said of the versions of " + at.published.package.name +
                              " is more than the " +
                              std::to_string(limits::published_index_bytes / limits::mib) +
                              " MiB that are shown of a package: delete versions of it for good, or say less "
                              "in this one's metadata.");
    }
}

// Another content says something else, of which nothing is left of the former one.
void record_fragments(Tx& tx, const Publishing& at) {
    if (!at.published.is_new_version && at.wanted.rule == PublishRule::whole)
        delete_fragments(tx, at.in_version(), {});
    for (const File& file : at.replacements) delete_fragments(tx, at.in_version(), file.name);
    for (const Fragment& fragment : at.wanted.fragments) put_fragment(tx, at.in_version(), fragment);
    if (!at.published.is_new_package) check_index_sizes(tx, at);
}

void record(Tx& tx, Publishing& at) {
    record_package(tx, at);
    record_version(tx, at);
    put_traits(tx, at.in_version(), at.wanted.summary.traits);
    record_files(tx, at);
    record_fragments(tx, at);
    const TaggedIn in{at.wanted.tenant, *at.wanted.repository, at.published.package};
    for (const std::string& tag : at.wanted.tags)
        set_tag(tx, in, at.published.version, tag, at.wanted.check_may);
}

// The first of them, for people; how many there are stands beside them.
std::string render_file_names(const Publishing& at) {
    std::vector<std::string> names;
    for (const std::vector<File>* files : {&at.files, &at.replacements})
        for (const File& file : *files)
            if (names.size() < limits::announced_files) names.push_back(file.name);
    return render_text_list(names);
}

void announce(Tx& tx, Publishing& at) {
    const std::string& key = at.published.package.name_key;
    std::string details = "{\"repository\":";
    append_json_string(details, at.repository.name);
    details += ",\"package\":";
    append_json_string(details, at.published.package.name);
    details += ",\"version\":";
    append_json_string(details, at.published.version.name);
    details += ",\"files\":" + std::to_string(at.files.size()) +
               ",\"replaced\":" + std::to_string(at.replaced.size()) + ",\"names\":" + render_file_names(at) +
               "}";
    tx.record({.action = "package.publish",
               .tenant = at.wanted.tenant.text(),
               .subject = at.published.version.id.text(),
               .details = std::move(details),
               .stale_indexes = at.published.is_new_package ? stale_lists(*at.wanted.repository, key)
                                                            : stale_indexes(*at.wanted.repository, key)});
    at.published.replaced_files = static_cast<std::int64_t>(at.replaced.size());
}

}  // namespace

Problem published_already(std::string_view file, std::string_view version, std::string_view package) {
    return {problems::conflict, "The file " + std::string(file) + " of version " + std::string(version) +
                                    " of " + std::string(package) +
                                    " is published already and stays as it is: publish another version."};
}

Problem published_before(std::string_view file, std::string_view version, std::string_view package) {
    return {problems::conflict, "Something else was published as " + std::string(file) + " of " +
                                    std::string(package) + " " + std::string(version) +
                                    ", and removed: publish another version."};
}

PublicationIds make_publication_ids(Context& context) {
    return {.package = make_id<PackageId>(context.clock, context.random),
            .version = make_id<VersionId>(context.clock, context.random),
            .package_number = make_number(context.clock, context.random),
            .version_number = make_number(context.clock, context.random)};
}

void check_publication(Tx& tx, const Publication& publication) {
    const PublicationIds none;
    Publishing at = begin(publication, none);
    check_policy(tx, at);
    find_what_is_there(tx, at);
    check_immutable(tx, at);
}

Published publish(Tx& tx, const Publication& publication, const PublicationIds& ids) {
    Publishing at = begin(publication, ids);
    check_policy(tx, at);
    find_what_is_there(tx, at);
    check_immutable(tx, at);
    record(tx, at);
    check_quota(tx, publication.tenant, at.repository, at.difference);
    announce(tx, at);
    change_usage(tx, at.place(), at.difference);
    return std::move(at.published);
}

}  // namespace lodestone::packages
