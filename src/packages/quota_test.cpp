// What several repositories may hold together, on every database.
#include "packages/quota.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/blob_limits.hpp"
#include "blobs/lease.hpp"
#include "blobs/upload.hpp"
#include "identity/nouns/app_config.hpp"
#include "identity/nouns/tenant_settings.hpp"
#include "packages/unclaimed.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

class QuotaTest : public test::WithPackages {
  protected:
    void limit_tenant(std::int64_t max_bytes) {
        identity::Tenant tenant = *read([&](Tx& tx) { return identity::find_tenant(tx, acme); });
        tenant.settings = identity::with_quotas(tenant.settings, {.max_bytes = max_bytes});
        write([&](Tx& tx) { return identity::update_tenant(tx, tenant); });
    }
    void limit_app(std::int64_t max_bytes) {
        identity::App app = *read([&](Tx& tx) { return identity::find_app(tx, acme, app_.id); });
        app.config = identity::with_quota(app.config, {.max_bytes = max_bytes});
        write([&](Tx& tx) { return identity::update_app(tx, acme, app); });
    }
    std::string refusal_in(const std::shared_ptr<RepositoryEntry>& repository, std::string name,
                           std::string_view bytes) {
        repository_ = repository;
        return refusal_of_publishing(describe(std::move(name), "1.0", "a", bytes), bytes);
    }
    Repository stored(const std::shared_ptr<RepositoryEntry>& entry) {
        return *read([&](Tx& tx) { return find_repository(tx, acme, entry->id); });
    }

    static constexpr const char* tenant_is_full =
        "conflict: The tenant acme may hold 10 bytes, and would hold 12: delete something, or have a "
        "platform "
        "administrator raise its settings.max_bytes.";
};
INSTANTIATE_ON_EVERY_DATABASE(QuotaTest);

TEST_P(QuotaTest, ATenantHoldsNoMoreInAllItsRepositories) {
    limit_tenant(10);
    const auto files = repository_;
    const auto more = make_repository("more");
    EXPECT_EQ(refusal_in(files, "one", "12345678"), "");
    EXPECT_EQ(refusal_in(more, "two", "abcd"), tenant_is_full);
    EXPECT_EQ(refusal_in(more, "two", "ab"), "");
    EXPECT_EQ(refusal_in(files, "three", "12345678"), "") << "the repository has these bytes already";
    limit_tenant(1);
    EXPECT_EQ(refusal_in(files, "four", "ab").substr(0, 9), "conflict:")
        << "what is there stays, and no more";
    EXPECT_EQ(refusal_in(files, "four", ""), "") << "what takes no room needs none";
}

TEST_P(QuotaTest, AnAppHoldsNoMoreInAllItsRepositories) {
    limit_app(10);
    const auto files = repository_;
    const auto more = make_repository("more");
    app_ = insert_app("Till");
    const auto others = make_repository("others");
    EXPECT_EQ(refusal_in(files, "one", "12345678"), "");
    EXPECT_EQ(refusal_in(more, "two", "abcd"),
              "conflict: The app Shop may hold 10 bytes, and would hold 12: delete something from one of its "
              "repositories, or have its config.quota.max_bytes raised.");
    EXPECT_EQ(refusal_in(others, "two", "abcd"), "") << "another app's";
}

// Neither sees what the other has not committed, and both would fit alone.
TEST_P(QuotaTest, TwoThatWouldExceedItTogetherDoNot) {
    for (const bool is_tenants : {true, false}) {
        const std::string kind = is_tenants ? "tenant" : "app";
        const std::int64_t held = read([&](Tx& tx) { return find_tenant_bytes(tx, acme); });
        limit_tenant(is_tenants ? held + 20 : 1'000'000);
        if (!is_tenants) limit_app(held + 20);
        constexpr int crowd = 6;
        std::vector<std::shared_ptr<RepositoryEntry>> repositories;
        for (int i = 0; i < crowd; ++i)
            repositories.push_back(make_repository(kind + "-" + std::to_string(i)));
        std::atomic<int> published = 0;
        test::run_at_once(crowd, [&](int i) {
            const std::string bytes = std::to_string(i) + std::string(9, is_tenants ? 't' : 'a');
            Publication wanted = describe(kind, "1.0", "a", bytes);
            wanted.repository = repositories[static_cast<std::size_t>(i)];
            std::string refusal;
            do refusal = refusal_of_publishing(wanted, bytes);
            while (refusal.starts_with("unavailable:"));
            if (refusal.empty())
                ++published;
            else
                EXPECT_TRUE(refusal.starts_with("conflict: The " + kind)) << refusal;
        });
        EXPECT_EQ(published, 2) << kind;
        EXPECT_EQ(read([&](Tx& tx) { return find_tenant_bytes(tx, acme); }), held + 20) << kind;
    }
}

TEST_P(QuotaTest, WhatComesBackNeedsRoom) {
    const auto files = repository_;
    const auto more = make_repository("more");
    EXPECT_EQ(refusal_in(files, "one", "12345678"), "");
    const Repository deleted = write([&](Tx& tx) { return delete_repository(tx, acme, stored(files)); });
    limit_tenant(10);
    EXPECT_EQ(refusal_in(more, "two", "abcd"), "") << "what is deleted takes none";
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_repository(tx, acme, deleted.id); }), tenant_is_full);
    limit_tenant(12);
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_repository(tx, acme, deleted.id); }), "");
}

TEST_P(QuotaTest, IsForeseen) {
    const auto files = repository_;
    EXPECT_EQ(refusal_in(files, "one", "12345678"), "");
    const auto foresee = [&](std::int64_t bytes) {
        return refusal_of([&](Tx& tx) { foresee_quota(tx, acme, stored(files), bytes); });
    };
    EXPECT_EQ(foresee(1'000'000), "") << "nothing is set";
    limit_tenant(10);
    EXPECT_EQ(foresee(2), "");
    EXPECT_EQ(foresee(4), tenant_is_full);
    EXPECT_EQ(foresee(8), "") << "it may be what is there already";
    write([&](Tx& tx) {
        const auto fresh = blobs::BlobId::make(context().clock, context().random);
        const auto id = settle_blob(tx, digests_of("abcdefgh"), 8, fresh).id;
        blobs::lease_blob(tx, acme, files->id.text() + "/tool", id, tx.now() + limits::blob_lease);
    });
    EXPECT_EQ(foresee(8).substr(0, 30), "conflict: The tenant acme may ") << "it was not";
}

// By the repository, its app and the tenant: each counts what was uploaded to where it looks.
TEST_P(QuotaTest, ForeseesWhatWasUploadedAndIsNamedByNothing) {
    const auto files = repository_;
    const auto more = make_repository("more");
    const identity::App shop = app_;
    app_ = insert_app("Till");
    const auto others = make_repository("others");
    const auto upload = [&](const std::shared_ptr<RepositoryEntry>& to, std::string_view bytes) {
        write([&](Tx& tx) {
            const auto fresh = blobs::BlobId::make(context().clock, context().random);
            const auto id = settle_blob(tx, digests_of(bytes), bytes.size(), fresh).id;
            blobs::lease_blob(tx, acme, to->id.text() + "/tool", id, tx.now() + limits::blob_lease);
        });
    };
    const auto unclaimed = [&] {
        return read([&](Tx& tx) {
            std::string sums;
            for (const auto& one : {files, more, others})
                sums += std::to_string(find_unclaimed_bytes(tx, {acme, one->id})) + " ";
            return sums + std::to_string(find_unclaimed_bytes(tx, acme, shop.id)) + " " +
                   std::to_string(find_unclaimed_bytes(tx, acme));
        });
    };
    EXPECT_EQ(unclaimed(), "0 0 0 0 0");
    upload(files, "123");
    upload(more, "123");
    upload(more, "4567");
    upload(others, "89012");
    EXPECT_EQ(unclaimed(), "3 7 5 7 12");
    const auto foresee = [&](std::int64_t bytes) {
        return refusal_of([&](Tx& tx) { foresee_quota(tx, acme, stored(files), bytes); });
    };
    limit_tenant(14);
    EXPECT_EQ(foresee(2), "");
    EXPECT_EQ(foresee(3).substr(0, 30), "conflict: The tenant acme may ");
    limit_tenant(1'000);
    app_ = shop;
    limit_app(9);
    EXPECT_EQ(foresee(2), "");
    EXPECT_EQ(foresee(3).substr(0, 27), "conflict: The app Shop may ");
    EXPECT_EQ(refusal_in(more, "one", "4567"), "");
    EXPECT_EQ(unclaimed(), "3 3 5 3 8") << "a version has it now";
    clock().advance(limits::blob_lease);
    EXPECT_EQ(unclaimed(), "0 0 0 0 0") << "what was promised for a while is for the collector";
}

TEST_P(QuotaTest, CountsUploadsForAsLongAsTheyAreKept) {
    blobs::Upload upload;
    upload.id = new_id<blobs::UploadId>();
    upload.scope = repository_->id.text() + "/tool";
    upload.blob_id = blobs::BlobId::make(context().clock, context().random);
    write([&](Tx& tx) {
        blobs::insert_upload(tx, acme, upload);
        blobs::hold_upload(tx, acme, upload.scope, upload.id, "request-1");
        blobs::note_progress(tx, acme, upload.id, "request-1",
                             {.id = upload.blob_id,
                              .size_bytes = 7,
                              .digest_state = blobs::RunningDigests().save(),
                              .store_state = {}});
        blobs::release_hold(tx, acme, upload.id, "request-1");
    });
    clock().advance(limits::upload_lifetime - std::chrono::hours(1));
    const auto sums = read([&](Tx& tx) {
        return std::vector{find_unclaimed_bytes(tx, place()), find_unclaimed_bytes(tx, acme, app_.id),
                           find_unclaimed_bytes(tx, acme)};
    });
    EXPECT_EQ(sums, (std::vector<std::int64_t>{7, 7, 7}));
}

}  // namespace
}  // namespace lodestone::packages
