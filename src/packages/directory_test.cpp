// The directory on every database: what it finds, remembers and forgets.
#include "packages/directory.hpp"

#include <gtest/gtest.h>

#include "support/loop_thread.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;
using identity::FoundRepository;

constexpr Format known{.name = "generic", .title = "Generic", .routes = {}};
constexpr const Format* formats[] = {&known};

class DirectoryTest : public test::WithPackages {
  protected:
    void SetUp() override {
        WithPackages::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        context().database = &database();
        directory_ = std::make_unique<Directory>(context(), formats);
        database().tell_of_writes(
            [this](const std::vector<db::Change>& changes) { directory_->note_changes(changes); });
    }
    FoundRepository find(const TenantId& tenant, std::string called) {
        return loop_.run(directory_->find(tenant, std::move(called), SteadyTime::max()));
    }
    template <class Change>
    void change(Change change) {
        write([&](Tx& tx) {
            Repository stored = *find_repository(tx, acme, repository_->id);
            change(stored);
            return update_repository(tx, acme, stored);
        });
    }

    test::LoopThread loop_;
    std::unique_ptr<Directory> directory_;
};
INSTANTIATE_ON_EVERY_DATABASE(DirectoryTest);

TEST_P(DirectoryTest, FindsByNameAndIdAndRemembers) {
    EXPECT_FALSE(directory_->find_now(acme, "files")) << "nobody has asked yet";
    const FoundRepository found = find(acme, "files");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, repository_->id);
    EXPECT_EQ(found->app, app_.id);
    EXPECT_FALSE(found->is_public);
    EXPECT_TRUE(found->is_app_active);
    EXPECT_EQ(static_cast<const RepositoryEntry&>(*found).number, repository_->number);
    EXPECT_EQ(directory_->find_now(acme, "files"), found);
    EXPECT_EQ(find(acme, repository_->id.text())->name, "files");
    EXPECT_FALSE(find(acme, "nothing"));
    EXPECT_EQ(directory_->find_now(acme, "nothing"), FoundRepository()) << "remembered as not there";
    EXPECT_FALSE(find(other, "files"));
}

TEST_P(DirectoryTest, LooksForNothingThatCannotBeThere) {
    for (const char* called : {"", "A B", "..", "a/b", "\xff"}) {
        EXPECT_EQ(directory_->find_now(acme, called), FoundRepository()) << called;
        EXPECT_EQ(directory_->find_now(TenantId::trusted("a b"), "files"), FoundRepository());
    }
    EXPECT_EQ(directory_->size(), 0);
}

TEST_P(DirectoryTest, ForgetsWhatChanged) {
    EXPECT_FALSE(find(acme, "files")->is_public);
    change([](Repository& stored) { stored.visibility = RepositoryVisibility::everybody; });
    EXPECT_FALSE(directory_->find_now(acme, "files"));
    EXPECT_TRUE(find(acme, "files")->is_public);
    write([&](Tx& tx) { return identity::disable_app(tx, acme, app_.id); });
    EXPECT_FALSE(find(acme, "files")->is_app_active);
    change([](Repository& stored) { stored.name = "more-files"; });
    EXPECT_FALSE(find(acme, "files"));
    EXPECT_TRUE(find(acme, "more-files"));
    write([&](Tx& tx) { return delete_repository(tx, acme, *find_repository(tx, acme, repository_->id)); });
    EXPECT_FALSE(find(acme, "more-files"));
    EXPECT_FALSE(find(acme, repository_->id.text()));
}

TEST_P(DirectoryTest, BelievesNothingForLong) {
    find(acme, "files");
    run_sql("UPDATE repositories SET visibility = 'public'");
    EXPECT_FALSE(find(acme, "files")->is_public) << "nobody said that it changed";
    clock().advance(limits::repository_lifetime + std::chrono::seconds(1));
    EXPECT_TRUE(find(acme, "files")->is_public);
}

// Of a format, or a kind, that this program no longer has, nobody could serve anything.
TEST_P(DirectoryTest, DoesNotFindWhatIsNotServed) {
    run_sql("UPDATE repositories SET kind = 'proxy'");
    EXPECT_FALSE(find(acme, "files"));
    run_sql("UPDATE repositories SET kind = 'hosted', format = 'cobol'");
    EXPECT_FALSE(find(acme, repository_->id.text()));
}

}  // namespace
}  // namespace lodestone::packages
