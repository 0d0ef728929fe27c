// Which changes make the gate forget, and how much.
#include <gtest/gtest.h>

#include "identity/gate/gate.hpp"

namespace lodestone::identity {
namespace {

bool can_change(const char* action) {
    return can_change_rights({.action = action, .tenant = "acme", .subject = "x", .details = "{}"});
}

// A stranger who cannot sign in must not make everybody be loaded anew.
TEST(Changes, WhatAStrangerCausesIsHarmless) {
    EXPECT_FALSE(can_change("session.refuse"));
    EXPECT_FALSE(can_change("session.create"));
}

TEST(Changes, WhatIsNotKnownToBeHarmlessIsNot) {
    for (const char* action : {"session.revoke", "session.refresh", "session.reuse", "user.suspend",
                               "key.update", "nonsense.happens"})
        EXPECT_TRUE(can_change(action)) << action;
}

}  // namespace
}  // namespace lodestone::identity
