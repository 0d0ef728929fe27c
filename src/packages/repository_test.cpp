// Repositories on every database: what is their own besides what every noun has.
#include "packages/repository.hpp"

#include <gtest/gtest.h>

#include "support/tenants.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;
using Names = std::vector<std::string>;

constexpr Format known{.name = "generic", .title = "Generic", .routes = {}};
constexpr Format other_known{.name = "oci", .title = "Images", .routes = {}};
constexpr const Format* formats[] = {&known, &other_known};

class RepositoryTest : public test::WithTenants {
  protected:
    NewRepository make(const identity::App& app, std::string name) {
        NewRepository made{.number = ++number_, .formats = formats};
        made.repository.id = new_id<RepositoryId>();
        made.repository.app_id = app.id;
        made.repository.name = std::move(name);
        made.repository.format = "generic";
        return made;
    }
    Repository insert(const NewRepository& made) {
        return write([&](Tx& tx) { return insert_repository(tx, acme, made); });
    }

  private:
    std::int64_t number_ = 0;
};
INSTANTIATE_ON_EVERY_DATABASE(RepositoryTest);

TEST(RepositoryNames, StandInUrlsAndInImageNames) {
    for (const char* name : {"a", "main", "web-shop", "v1.2_x", "0", "a-b-c.d"})
        EXPECT_TRUE(is_repository_name(name)) << name;
    for (const char* name : {"", "Main", "-a", "a-", "a--b", "a..b", ".", "a/b", "a b", "\u00e4", "a_", "%41",
                             "0190b2c4-7a1e-7b3c-8d4e-5f6a7b8c9d0e"})
        EXPECT_FALSE(is_repository_name(name)) << name;
    EXPECT_TRUE(is_repository_name(std::string(100, 'a')));
    EXPECT_FALSE(is_repository_name(std::string(101, 'a')));
}

TEST_P(RepositoryTest, IsFoundByNameAndById) {
    const identity::App shop = insert_app("Shop");
    NewRepository wanted = make(shop, "files");
    wanted.repository.visibility = RepositoryVisibility::everybody;
    wanted.repository.description = "What is left over";
    wanted.repository.settings = R"({"overwrite":"allowed","quota":{"max_bytes":1000}})";
    const Repository made = insert(wanted);
    EXPECT_EQ(read([&](Tx& tx) { return find_repository(tx, acme, made.id); }), made);
    for (const std::string& called : {std::string("files"), made.id.text()}) {
        EXPECT_EQ(read([&](Tx& tx) { return find_repository_called(tx, acme, called); }), made) << called;
        EXPECT_FALSE(read([&](Tx& tx) { return find_repository_called(tx, other, called); })) << called;
    }
    EXPECT_FALSE(read([&](Tx& tx) { return find_repository_called(tx, acme, "../x"); }));
    EXPECT_EQ(run_sql("SELECT visibility FROM repositories"), "public");
    EXPECT_EQ(run_sql("SELECT bytes FROM repository_usage"), "0");
    EXPECT_EQ(list_actions(made.id.text()), (Names{"alice repository.create"}));
}

TEST_P(RepositoryTest, BelongsToAnAppOfTheTenant) {
    const identity::App shop = insert_app("Shop");
    EXPECT_EQ(refusal_of([&](Tx& tx) { insert_repository(tx, other, make(shop, "files")); }),
              "not-found: There is no app " + shop.id.text() + ".");
    const Repository files = insert(make(shop, "files"));
    write([&](Tx& tx) { return delete_repository(tx, acme, files); });
    write([&](Tx& tx) { return delete_app(tx, acme, shop); });
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_repository(tx, acme, files.id); }),
              "not-found: There is no deleted repository " + files.id.text() + ".");
}

TEST_P(RepositoryTest, IsOfAFormatAndKindThatIsServed) {
    const identity::App shop = insert_app("Shop");
    const auto refusal = [&](auto change) {
        NewRepository wanted = make(shop, "files");
        change(wanted.repository);
        return refusal_of([&](Tx& tx) { insert_repository(tx, acme, wanted); });
    };
    EXPECT_EQ(refusal([](Repository& one) { one.format = "cobol"; }),
              "invalid-input: The field format must be one of: generic, oci.");
    for (const RepositoryKind kind : {RepositoryKind::proxy, RepositoryKind::group})
        EXPECT_EQ(
            refusal([&](Repository& one) { one.kind = kind; }),
            "invalid-input: The field kind must be hosted: of the format generic no other kind is served "
            "yet.");
    EXPECT_TRUE(
        refusal([](Repository& one) { one.name = "Files"; }).starts_with("invalid-input: The field name"));
    EXPECT_EQ(refusal([](Repository& one) { one.settings = R"({"overwrite":"sometimes"})"; }),
              "invalid-input: The field settings.overwrite must be one of: never, allowed.");
    EXPECT_EQ(refusal([](Repository& one) { one.settings = R"({"quota":{"max_bytes":-1}})"; }),
              "invalid-input: The field settings.quota.max_bytes must be a number from 0 to "
              "1152921504606846976.");
}

TEST_P(RepositoryTest, HasANameOfItsOwnInTheTenant) {
    const identity::App shop = insert_app("Shop");
    const Repository files = insert(make(shop, "files"));
    NewRepository image = make(insert_app("Till"), "files");
    image.repository.format = "oci";
    const std::string sentence = "conflict: There is a repository named files already; choose another name.";
    EXPECT_EQ(refusal_of([&](Tx& tx) { insert_repository(tx, acme, image); }), sentence);
    image.repository.name = "images";
    Repository images = insert(image);
    images.name = "files";
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_repository(tx, acme, images); }), sentence);
    write([&](Tx& tx) { return delete_repository(tx, acme, files); });
    EXPECT_EQ(write([&](Tx& tx) { return update_repository(tx, acme, images); }).version, 2);
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { restore_repository(tx, acme, files.id); }).starts_with("conflict: "));
    images = *read([&](Tx& tx) { return find_repository_by_name(tx, acme, "files"); });
    images.name = "images";
    write([&](Tx& tx) { return update_repository(tx, acme, images); });
    EXPECT_EQ(write([&](Tx& tx) { return restore_repository(tx, acme, files.id); }).version, 3);
}

TEST_P(RepositoryTest, IsListedByWhatItIs) {
    const identity::App shop = insert_app("Shop");
    const identity::App till = insert_app("Till");
    for (const char* name : {"beta", "alpha", "gamma"}) {
        NewRepository made = make(name[0] == 'g' ? till : shop, name);
        if (name[0] == 'b') made.repository.format = "oci";
        if (name[0] == 'a') made.repository.visibility = RepositoryVisibility::everybody;
        insert(made);
    }
    const auto list = [&](db::ListRequest request) {
        return names_of(read([&](Tx& tx) { return list_repositories(tx, acme, request); }).items);
    };
    EXPECT_EQ(list({}), (Names{"alpha", "beta", "gamma"}));
    EXPECT_EQ(list({.sort = "created_at"}), (Names{"beta", "alpha", "gamma"}));
    EXPECT_EQ(list({.sort = "-created_at"}), (Names{"gamma", "alpha", "beta"}));
    for (const char* sort : {"name", "created_at", "-created_at"}) {
        EXPECT_EQ(list({.filters = {{"name", "be"}}, .sort = sort}), (Names{"beta"})) << sort;
        EXPECT_EQ(list({.filters = {{"search", "AMM"}}, .sort = sort}), (Names{"gamma"})) << sort;
        EXPECT_EQ(list({.filters = {{"format", "oci"}}, .sort = sort}), (Names{"beta"})) << sort;
        EXPECT_EQ(list({.filters = {{"visibility", "public"}}, .sort = sort}), (Names{"alpha"})) << sort;
        EXPECT_EQ(list({.filters = {{"app_id", till.id.text()}}, .sort = sort}), (Names{"gamma"})) << sort;
        EXPECT_EQ(list({.filters = {{"kind", "proxy"}}, .sort = sort}), Names{}) << sort;
    }
    EXPECT_EQ(read([&](Tx& tx) { return list_repositories(tx, other, {}); }).items.size(), 0);
}

}  // namespace
}  // namespace lodestone::packages
