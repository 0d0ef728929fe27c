// Properties on every database: set again, and only where they were set.
#include "packages/property.hpp"

#include <gtest/gtest.h>

#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

class PropertyTest : public test::WithPackages {
  protected:
    void put(const Published& published, const char* name, const char* value) {
        write([&](Tx& tx) {
            put_property(tx, {place_of(published.package), published.version.id}, name, value);
        });
    }
    std::string values_of(const Published& published) {
        return run_sql("SELECT name || '=' || value FROM properties WHERE version_id = '" +
                       published.version.id.text() + "' ORDER BY name");
    }
};
INSTANTIATE_ON_EVERY_DATABASE(PropertyTest);

TEST_P(PropertyTest, AreSetOnceUnderEachName) {
    const Published one = publish("tool", "1.0", "a", "1");
    const Published two = publish("tool", "2.0", "a", "2");
    const Published other = publish("other", "1.0", "a", "3");
    for (const Published& published : {one, two, other}) put(published, "subject", "x");
    put(two, "subject", "y");
    EXPECT_EQ(values_of(one), "subject=x");
    EXPECT_EQ(values_of(two), "subject=y");
    EXPECT_EQ(values_of(other), "subject=x") << "of another package";
}

}  // namespace
}  // namespace lodestone::packages
