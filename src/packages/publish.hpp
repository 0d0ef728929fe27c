// Publishing: what every format does with what its parser found, in named stages inside one transaction. The
// bytes are durable before it begins, and whoever asked is answered after it ends.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.hpp"
#include "base/problem.hpp"
#include "db/tx.hpp"
#include "packages/directory.hpp"
#include "packages/file.hpp"
#include "packages/file_alike.hpp"
#include "packages/fragment.hpp"
#include "packages/package.hpp"
#include "packages/shown_blob.hpp"
#include "packages/version.hpp"

namespace lodestone::packages {

// What search and people are told; an absent one leaves what the package has, and so does what people say
// themselves (describe_package.hpp).
struct Summary {
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> keywords;
    std::vector<std::string> traits;  // of this version (traits.hpp)
    std::string facts = "{}";         // JSON, of this version
};

// whole: all of the version comes at once, and one that is there is there for good. same_again: likewise, but
// sending the same bytes again is fine. by_file: files come one by one, and each of them is there for good.
enum class PublishRule : std::uint8_t { whole, same_again, by_file };

struct Publication {
    TenantId tenant;
    std::shared_ptr<const RepositoryEntry> repository;
    std::string package_name;
    std::string package_key;
    std::string version_name;
    std::string version_key;
    std::vector<File> files;       // who and when are filled in
    std::vector<ShownBlob> needs;  // further blobs that the version shows and keeps
    std::vector<std::string> tags;
    // What it says in the indexes of its package from now on.
    std::vector<Fragment> fragments;
    Summary summary;
    PublishRule rule = PublishRule::whole;
    FoldFile fold_file = nullptr;  // which names mean one file (file_alike.hpp)
    // Asked before what is there is changed: a file replaced, a tag moved. Throws a Problem.
    std::function<void(std::string_view permission)> check_may;
};

// Ids for what may turn out to be new; made before the transaction, which may run more than once.
struct PublicationIds {
    PackageId package;
    VersionId version;
    std::int64_t package_number = 0;
    std::int64_t version_number = 0;
};
PublicationIds make_publication_ids(Context& context);

struct Published {
    Package package;
    Version version;
    bool is_new_package = false;
    bool is_new_version = false;
    std::int64_t replaced_files = 0;
};
// Refuses with Problem(conflict) what is there already and stays, what a tombstone forbids, and what the
// quotas leave no room for; with Problem(not_found) when the repository has gone meanwhile.
Published publish(db::Tx& tx, const Publication& publication, const PublicationIds& ids);

// What it refuses of what is there already, and because of what was; nothing is changed. For whoever keeps
// one that is to be published later.
void check_publication(db::Tx& tx, const Publication& publication);

// The refusal of a file that is there, for whoever asks before the bytes are sent.
Problem published_already(std::string_view file, std::string_view version, std::string_view package);

// The refusal of other bytes than those that were removed.
Problem published_before(std::string_view file, std::string_view version, std::string_view package);

}  // namespace lodestone::packages
