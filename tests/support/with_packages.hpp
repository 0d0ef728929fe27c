// A repository of files in a tenant's app, on every database, with short words to publish to it: for the
// tests of what repositories hold. Bytes are rows only: no store is asked.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "blobs/blob.hpp"
#include "packages/fetch.hpp"
#include "packages/publish.hpp"
#include "packages/remove.hpp"
#include "packages/repository.hpp"
#include "packages/search.hpp"
#include "packages/usage.hpp"
#include "support/tenants.hpp"

namespace lodestone::test {

class WithPackages : public WithTenants {
  protected:
    void SetUp() override {
        WithTenants::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        app_ = insert_app("Shop");
        repository_ = make_repository("files");
    }
    std::shared_ptr<packages::RepositoryEntry> make_repository(std::string name,
                                                               std::string settings = "{}") {
        static constexpr packages::Format known{.name = "generic", .title = "Generic", .routes = {}};
        static constexpr const packages::Format* formats[] = {&known};
        packages::NewRepository made{
            .repository = {}, .number = make_number(context().clock, context().random), .formats = formats};
        made.repository.id = new_id<packages::RepositoryId>();
        made.repository.app_id = app_.id;
        made.repository.name = std::move(name);
        made.repository.format = "generic";
        made.repository.settings = std::move(settings);
        auto entry = std::make_shared<packages::RepositoryEntry>();
        const packages::Repository stored =
            write([&](db::Tx& tx) { return insert_repository(tx, acme, made); });
        entry->id = stored.id;
        entry->app = stored.app_id;
        entry->name = stored.name;
        entry->format = stored.format;
        entry->described = &known;
        entry->number = made.number;
        return entry;
    }
    static blobs::Digests digests_of(std::string_view bytes) {
        blobs::RunningDigests running;
        running.add(bytes);
        return running.digests();
    }
    // A publication of one file; its bytes are entered by publish_in().
    packages::Publication describe(std::string name, std::string version, std::string file,
                                   std::string_view bytes) {
        packages::Publication wanted{.tenant = acme, .repository = repository_};
        wanted.package_name = wanted.package_key = std::move(name);
        wanted.version_name = wanted.version_key = std::move(version);
        wanted.files.push_back({.name = std::move(file),
                                .blob_id = {},
                                .sha256 = digests_of(bytes).sha256,
                                .size_bytes = static_cast<std::int64_t>(bytes.size()),
                                .content_type = "text/plain"});
        wanted.rule = packages::PublishRule::by_file;
        wanted.check_may = [](std::string_view) {};
        return wanted;
    }
    packages::Published publish_in(db::Tx& tx, packages::Publication wanted, std::string_view bytes,
                                   const packages::PublicationIds& ids) {
        const auto fresh = blobs::BlobId::make(context().clock, context().random);
        wanted.files.front().blob_id = settle_blob(tx, digests_of(bytes), bytes.size(), fresh).id;
        return packages::publish(tx, wanted, ids);
    }
    packages::Published publish(const packages::Publication& wanted, std::string_view bytes) {
        const packages::PublicationIds ids = packages::make_publication_ids(context());
        return write([&](db::Tx& tx) { return publish_in(tx, wanted, bytes, ids); });
    }
    packages::Published publish(std::string name, std::string version, std::string file,
                                std::string_view bytes) {
        return publish(describe(std::move(name), std::move(version), std::move(file), bytes), bytes);
    }
    std::string refusal_of_publishing(const packages::Publication& wanted, std::string_view bytes) {
        const packages::PublicationIds ids = packages::make_publication_ids(context());
        return refusal_of([&](db::Tx& tx) { publish_in(tx, wanted, bytes, ids); });
    }
    packages::RepositoryPlace place() { return {acme, repository_->id}; }
    packages::PackagePlace place_of(const packages::Package& package) {
        return {acme, repository_->id, package.id};
    }
    packages::Usage usage() {
        return read([&](db::Tx& tx) { return packages::find_usage(tx, place()); });
    }
    std::optional<packages::FoundFile> fetch(std::string name, std::string version, std::string file) {
        return read([&](db::Tx& tx) {
            return packages::find_fetched(tx, place(), {.package = name, .version = version, .name = file});
        });
    }
    // By whoever types that into the search.
    bool is_found(const std::string& typed) {
        db::ListRequest request;
        request.filters = {{"q", typed}};
        const packages::Search search(request);
        return !read([&](db::Tx& tx) {
                    return packages::list_searched_repositories(tx, acme, search,
                                                                packages::SearchedAmong::all);
                }).empty();
    }
    packages::Removing removing(std::string reason = {}) {
        return {.tenant = acme, .repository = repository_, .reason = std::move(reason)};
    }

    identity::App app_;
    std::shared_ptr<packages::RepositoryEntry> repository_;
};

}  // namespace lodestone::test
