// Roles: the built-in ones are of the catalogue, and nobody gives away more than they have.
#include "identity/rules/roles.hpp"

#include <gtest/gtest.h>

#include <set>

#include "identity/rules/patterns.hpp"
#include "identity/rules/permissions.hpp"
#include "support/golden.hpp"

namespace lodestone::identity {
namespace {

Role role(std::string_view name) {
    return make_role(*find_built_in_role(name));
}

TEST(Roles, AreMadeOfWhatThereIs) {
    std::set<std::string_view> names;
    for (const BuiltInRole& built_in : built_in_roles()) {
        EXPECT_TRUE(names.insert(built_in.name).second) << built_in.name;
        std::set<std::string_view> once;
        for (const std::string_view pattern : built_in.permissions) {
            EXPECT_TRUE(is_action_pattern(pattern)) << built_in.name << " " << pattern;
            EXPECT_TRUE(once.insert(pattern).second) << built_in.name << " " << pattern;
        }
    }
    EXPECT_EQ(names, (std::set<std::string_view>{"owner", "admin", "maintainer", "developer", "viewer",
                                                 "auditor", "robot"}));
    EXPECT_EQ(find_built_in_role("Owner"), nullptr);
}

// The table that the matrix of routes and roles is checked against (src/app/serving/access_matrix_test.cpp):
// who changes a role sees here what that gives away.
TEST(Roles, AllowWhatWasAccepted) {
    std::string table;
    for (const Permission& permission : all_permissions()) {
        table += permission.name;
        for (const BuiltInRole& built_in : built_in_roles())
            if (make_role(built_in).allows(permission.name)) table.append(" ").append(built_in.name);
        table += '\n';
    }
    test::check_golden("tests/golden/permissions.txt", table);
}

TEST(Roles, GiveAwayNoMoreThanTheyHave) {
    const struct {
        const char *given, *held;
        bool is_within;
    } rows[] = {
        {"admin", "owner", true},         {"owner", "admin", false},         {"maintainer", "admin", true},
        {"admin", "maintainer", false},   {"developer", "maintainer", true}, {"viewer", "developer", true},
        {"auditor", "maintainer", false}, {"auditor", "admin", true},        {"robot", "developer", true},
    };
    for (const auto& row : rows)
        EXPECT_EQ(is_within(role(row.given), std::vector{role(row.held)}), row.is_within)
            << row.given << " by " << row.held;
    EXPECT_FALSE(is_within(role("viewer"), {}));
    const Role mixed{.name = "mixed", .permissions = {"audit:list", "package:publish"}};
    EXPECT_TRUE(is_within(mixed, std::vector{role("auditor"), role("developer")})) << "each from another";
}

TEST(Roles, OfATenantAreListsOfPatterns) {
    std::string fault;
    EXPECT_EQ(parse_role_permissions(R"(["package:*","user:read"])", fault),
              (std::vector<std::string>{"package:*", "user:read"}));
    EXPECT_FALSE(parse_role_permissions(R"(["package:fly"])", fault));
    EXPECT_EQ(fault, "has an entry that is not a permission like \"package:read\", \"package:*\" or \"*\"");
    EXPECT_FALSE(parse_role_permissions(R"(["user:read","user:read"])", fault));
    EXPECT_EQ(fault, "has an entry twice");
}

}  // namespace
}  // namespace lodestone::identity
