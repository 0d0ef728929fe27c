// The uses of keys, gathered and written down together.
#include "identity/sign_in/key_uses.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using std::chrono::seconds;
using test::acme;
using test::alice;

class KeyUsesTest : public test::SigningIn {
  protected:
    KeyId issue() {
        return write([&](db::Tx& tx) {
                   return issue_key(tx, acme, {.user_id = alice, .name = "laptop"}, vault().mint);
               })
            .key.id;
    }
    Key find(const KeyId& id) {
        return read([&](db::Tx& tx) { return find_key(tx, acme, id); }).value();
    }
};
INSTANTIATE_ON_EVERY_DATABASE(KeyUsesTest);

TEST_P(KeyUsesTest, AreWrittenOnceAMinute) {
    const KeyId first = issue();
    const KeyId second = issue();
    KeyUses uses(clock());
    EXPECT_FALSE(uses.is_due());
    uses.note(acme, first, "192.0.2.1");
    uses.note(acme, second, "192.0.2.1");
    EXPECT_FALSE(uses.is_due());
    clock().advance(seconds(60));
    EXPECT_TRUE(uses.is_due());
    uses.note(acme, first, "192.0.2.2");
    EXPECT_FALSE(find(first).last_used_at) << "nothing is written by noting";
    uses.write_now(database());
    EXPECT_EQ(find(first).last_used_at, clock().now());
    EXPECT_EQ(find(first).last_used_from, "192.0.2.2");
    EXPECT_EQ(find(second).last_used_at, clock().now() - seconds(60));
    EXPECT_FALSE(uses.is_due());
    clock().advance(seconds(60));
    EXPECT_FALSE(uses.is_due()) << "nothing happened since";
    uses.write_now(database());
}

TEST_P(KeyUsesTest, OnlySoManyWait) {
    KeyUses uses(clock());
    for (std::size_t i = 0; i < limits::key_uses_waiting + 10; ++i)
        uses.note(acme, KeyId::trusted(std::to_string(i)), "192.0.2.1");
    uses.write_now(database());  // of keys that are not there: nothing happens
}

}  // namespace
}  // namespace lodestone::identity
