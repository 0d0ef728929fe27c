// Scopes as docker, containerd and skopeo ask for them.
#include "formats/oci/token_scope.hpp"

#include <gtest/gtest.h>

namespace lodestone::formats::oci {
namespace {

TEST(OciTokenScope, NamesARepositoryAndActions) {
    EXPECT_EQ(parse_token_scope("repository:acme/images/web:pull,push"),
              (TokenScope{.type = "repository", .name = "acme/images/web", .actions = {"pull", "push"}}));
    EXPECT_EQ(parse_token_scope("registry:catalog:*"),
              (TokenScope{.type = "registry", .name = "catalog", .actions = {"*"}}));
    EXPECT_EQ(parse_token_scope("repository:registry.example:5000/a:pull")->name, "registry.example:5000/a");
    EXPECT_EQ(parse_token_scope("repository(plugin):a/b:pull,pull"),
              (TokenScope{.type = "repository", .name = "a/b", .actions = {"pull"}}));
}

TEST(OciTokenScope, IsNoneWithoutAllOfItsParts) {
    for (const char* text :
         {"", ":", "::", "repository", "repository:a", "repository:a:", ":a:pull", "repository::pull",
          "repository:a:PULL", "repository:a:pull push", "repository:a:,pull"})
        EXPECT_FALSE(parse_token_scope(text)) << text;
}

TEST(OciTokenScope, MayBeSeveral) {
    const auto scopes = parse_token_scopes("repository:a:pull nonsense  repository:b:push");
    ASSERT_EQ(scopes.size(), 2U);
    EXPECT_EQ(scopes[0].name, "a");
    EXPECT_EQ(scopes[1].name, "b");
    std::string many;
    for (int count = 0; count < 1000; ++count) many += "repository:a:pull ";
    EXPECT_LT(parse_token_scopes(many).size(), 1000U);
}

}  // namespace
}  // namespace lodestone::formats::oci
