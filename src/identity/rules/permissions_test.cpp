// The catalogue: what it holds is checked by the compiler; here, that it is found.
#include "identity/rules/permissions.hpp"

#include <gtest/gtest.h>

namespace lodestone::identity {
namespace {

TEST(Permissions, AreFoundByTheirNames) {
    for (const Permission& permission : all_permissions()) {
        ASSERT_NE(find_permission(permission.name), nullptr) << permission.name;
        EXPECT_EQ(find_permission(permission.name)->meaning, permission.meaning);
        EXPECT_TRUE(is_resource_type(permission.type())) << permission.name;
    }
    for (const char* name : {"", "user", "user:", ":read", "user:fly", "User:read", "user:read "})
        EXPECT_EQ(find_permission(name), nullptr) << name;
    EXPECT_FALSE(is_resource_type(""));
    EXPECT_FALSE(is_resource_type("use"));
}

// What needs no name, and what needs no role, changes nothing of anybody else's.
TEST(Permissions, ThatNeedNoRoleAreFew) {
    for (const Permission& permission : all_permissions()) {
        if (is_public_reading(permission.name)) {
            EXPECT_TRUE(permission.name.ends_with(":read") || permission.name.ends_with(":list") ||
                        permission.name.ends_with(":download"))
                << permission.name;
        }
        if (is_for_oneself(permission.name)) {
            EXPECT_NE(permission.type(), "tenant");
            EXPECT_NE(permission.name, "user:update") << "it could lift one's own suspension";
            EXPECT_NE(permission.name, "membership:create");
        }
    }
}

}  // namespace
}  // namespace lodestone::identity
