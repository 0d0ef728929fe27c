// By which traits packages are found, on every database: by those of the versions that are there.
#include "packages/traits.hpp"

#include <gtest/gtest.h>

#include "base/package_limits.hpp"
#include "packages/text_list.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;
using Texts = std::vector<std::string>;

class TraitsTest : public test::WithPackages {
  protected:
    Published publish_for(const std::string& version, Texts traits, PublishRule rule = PublishRule::by_file) {
        Publication wanted = describe("image", version, "a", version);
        wanted.summary.traits = std::move(traits);
        wanted.rule = rule;
        return publish(wanted, version);
    }
    Package find() {
        return read([&](Tx& tx) { return find_package_by_key(tx, place(), "image"); }).value();
    }
    std::string traits() {
        std::string all;
        for (const std::string& trait : list_texts(find().traits)) all += (all.empty() ? "" : " ") + trait;
        return all;
    }
    void remove(const Published& one) {
        write([&](Tx& tx) {
            return delete_version(tx, removing(), one.package,
                                  find_version(tx, place_of(one.package), one.version.id).value());
        });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(TraitsTest);

TEST_P(TraitsTest, AreThoseOfAllVersions) {
    publish_for("1", {"linux/arm64"});
    publish_for("2", {"linux/amd64", "linux/arm64"});
    EXPECT_EQ(traits(), "linux/amd64 linux/arm64");
    publish_for("3", {});
    EXPECT_EQ(traits(), "linux/amd64 linux/arm64");
    EXPECT_TRUE(is_found("linux/arm64") && is_found("amd64") && is_found("image linux"));
    EXPECT_FALSE(is_found("windows"));
}

TEST_P(TraitsTest, GoAndComeBackWithTheirVersion) {
    const Published one = publish_for("1", {"linux/arm64"});
    const Published two = publish_for("2", {"linux/amd64", "linux/arm64"});
    remove(two);
    EXPECT_EQ(traits(), "linux/arm64") << "the other one has it";
    EXPECT_FALSE(is_found("linux/amd64"));
    write([&](Tx& tx) { return restore_version(tx, removing(), two.package, two.version.id); });
    EXPECT_EQ(traits(), "linux/amd64 linux/arm64");
    EXPECT_TRUE(is_found("linux/amd64"));
    remove(one);
    remove(two);
    EXPECT_EQ(traits(), "");
    EXPECT_FALSE(is_found("linux"));
    publish_for("2", {"linux/amd64"});
    EXPECT_EQ(traits(), "linux/amd64") << "published again";
}

TEST_P(TraitsTest, GoWithTheLastOfManyVersionsThatGoAtOnce) {
    constexpr int many = 6;
    std::vector<Published> versions;
    for (int i = 0; i < many; ++i) versions.push_back(publish_for(std::to_string(i), {"linux/arm64"}));
    publish_for("other", {"linux/amd64"});
    test::run_at_once(many, [&](int i) { remove(versions[static_cast<std::size_t>(i)]); });
    EXPECT_EQ(traits(), "linux/amd64");
    EXPECT_FALSE(is_found("linux/arm64"));
}

TEST_P(TraitsTest, StayWithAPackageThatComesBack) {
    const Published gone = publish_for("1", {"linux/arm64"});
    publish_for("2", {"linux/amd64"});
    remove(gone);
    write([&](Tx& tx) { return delete_package(tx, removing(), find()); });
    EXPECT_FALSE(is_found("linux/amd64"));
    write([&](Tx& tx) { return restore_package(tx, removing(), gone.package.id); });
    EXPECT_EQ(traits(), "linux/amd64");
    EXPECT_TRUE(is_found("linux/amd64"));
    write([&](Tx& tx) { return restore_version(tx, removing(), gone.package, gone.version.id); });
    EXPECT_EQ(traits(), "linux/amd64 linux/arm64");
}

TEST_P(TraitsTest, AreThoseOfTheContentThatReplacedAnother) {
    repository_ = make_repository("nightly", R"({"overwrite":"allowed"})");
    publish_for("1", {"linux/arm64", "linux/amd64"}, PublishRule::whole);
    publish_for("2", {"linux/arm64"}, PublishRule::whole);
    publish_for("1", {"windows/x86"}, PublishRule::whole);
    EXPECT_EQ(traits(), "linux/arm64 windows/x86");
    EXPECT_TRUE(is_found("windows/x86") && is_found("linux/arm64"));
    EXPECT_FALSE(is_found("amd64"));
}

TEST_P(TraitsTest, AreBounded) {
    Texts many{"", std::string(limits::trait_bytes + 1, 'x')};
    for (std::size_t i = 0; i < limits::package_traits + 5; ++i) many.push_back("trait-" + std::to_string(i));
    publish_for("1", many);
    EXPECT_EQ(list_texts(find().traits).size(), limits::package_traits);
    EXPECT_EQ(run_sql("SELECT count(*) FROM properties"), std::to_string(limits::package_traits));
    publish_for("2", {"more"});
    EXPECT_EQ(list_texts(find().traits).size(), limits::package_traits);
}

}  // namespace
}  // namespace lodestone::packages
