// What is said of all packages of a repository at once is true of each.
#include <gtest/gtest.h>

#include <array>

#include "base/random.hpp"
#include "identity/rules/decide.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/rules/policy.hpp"
#include "identity/rules/rights.hpp"

namespace lodestone::identity {
namespace {

const TenantId acme = TenantId::trusted("acme");
const AppId shop = AppId::trusted("shop");

Policy make_policy(PolicyEffect effect, const std::string& resource, const std::string& conditions = "[]") {
    std::string fault;
    auto policy = parse_policy({.id = PolicyId::trusted("p"),
                                .name = "p",
                                .app = std::nullopt,
                                .effect = effect,
                                .subjects = R"(["*"])",
                                .actions = R"(["package:list"])",
                                .resources = "[\"" + resource + "\"]",
                                .conditions = conditions},
                               fault);
    EXPECT_TRUE(policy) << fault;
    return *policy;
}

Principal make_person(const std::vector<Role>& roles, const std::vector<Policy>& policies) {
    auto set = std::make_shared<PolicySet>();
    set->policies = policies;
    Principal principal;
    principal.kind = PrincipalKind::person;
    principal.tenant = acme;
    principal.user = UserId::trusted("alice");
    principal.rights =
        std::make_shared<Rights>(Rights{.roles = roles, .app_roles = {}, .policies = std::move(set)});
    return principal;
}

Resource in_images(const std::string& name) {
    return {
        .tenant = acme, .type = "package", .id = "images/" + name, .app = shop, .tags = {}, .attributes = {}};
}

bool may_inside(const Principal& principal) {
    return may_allow_inside(principal, "package:list", in_images("*"), {});
}

bool sees_all(const Principal& principal) {
    return allows_all_inside(principal, "package:list", in_images("*"), {});
}

Role viewer() {
    return make_role(*find_built_in_role("viewer"));
}

TEST(DecideInside, KnowsWhereThereIsNothingToSee) {
    EXPECT_FALSE(may_inside(make_person({}, {})));
    EXPECT_TRUE(may_inside(make_person({viewer()}, {})));
    EXPECT_TRUE(may_inside(make_person({}, {make_policy(PolicyEffect::allow, "package:images/web")})));
    EXPECT_FALSE(may_inside(make_person({}, {make_policy(PolicyEffect::allow, "package:image/web")})));
    EXPECT_TRUE(may_inside(make_person({viewer()}, {make_policy(PolicyEffect::deny, "package:images/w*")})));
    EXPECT_FALSE(may_inside(make_person({viewer()}, {make_policy(PolicyEffect::deny, "repository:images")})));
    EXPECT_TRUE(may_inside(make_person(
        {viewer()}, {make_policy(PolicyEffect::deny, "repository:images",
                                 R"([{"attribute":"resource.id","operator":"ne","value":"images/web"}])")})))
        << "one is left";
    Principal scoped = make_person({viewer()}, {});
    scoped.scopes.emplace();
    EXPECT_FALSE(may_inside(scoped));
    scoped.scopes->push_back({.actions = {"package:*"}, .resources = {"package:images/b/*"}, .tags = {}});
    EXPECT_TRUE(may_inside(scoped));
    scoped.scopes->front().resources = {"package:files/*", "repository:image"};
    EXPECT_FALSE(may_inside(scoped));
    Principal barred = make_person({viewer()}, {});
    barred.must_change_password = true;
    EXPECT_FALSE(may_inside(barred));
    Resource foreign = in_images("*");
    foreign.tenant = TenantId::trusted("other");
    EXPECT_FALSE(may_allow_inside(make_person({viewer()}, {}), "package:list", foreign, {}));
}

TEST(DecideInside, KnowsWhereAllIsSeen) {
    const auto sees_with = [](PolicyEffect effect, const char* resource, const char* conditions = "[]") {
        return sees_all(make_person({viewer()}, {make_policy(effect, resource, conditions)}));
    };
    EXPECT_TRUE(sees_all(make_person({viewer()}, {})));
    EXPECT_FALSE(sees_all(make_person({}, {})));
    EXPECT_FALSE(sees_with(PolicyEffect::deny, "package:images/w*"));
    EXPECT_FALSE(sees_with(PolicyEffect::deny, "repository:images"));
    EXPECT_TRUE(sees_with(PolicyEffect::deny, "repository:other"));
    EXPECT_FALSE(sees_with(PolicyEffect::deny, "*",
                           R"([{"attribute":"resource.id","operator":"eq","value":"images/web"}])"));
    EXPECT_TRUE(sees_all(make_person({}, {make_policy(PolicyEffect::allow, "repository:images")})));
    EXPECT_FALSE(sees_all(make_person({}, {make_policy(PolicyEffect::allow, "package:images/web")})));
}

// Whatever roles, policies and scopes there are: a no for all is a no for each, and so is a yes.
TEST(DecideInside, NeverMistakesSomeForAll) {
    SeededRandom random(11);
    const auto pick = [&](std::size_t count) {
        std::uint8_t byte = 0;
        random.fill({&byte, 1});
        return byte % count;
    };
    constexpr std::array<const char*, 12> patterns{"*",
                                                   "package:*",
                                                   "package:images/*",
                                                   "package:images/a",
                                                   "package:images/a/*",
                                                   "package:i*",
                                                   "repository:*",
                                                   "repository:images",
                                                   "repository:images/a*",
                                                   "repository:im*",
                                                   "repository:files",
                                                   "user:*"};
    const std::array<std::string, 3> conditions{
        "[]", R"([{"attribute":"resource.id","operator":"ne","value":"images/a"}])",
        R"([{"attribute":"resource.id","operator":"eq","value":"images/*"}])"};
    int refused = 0, allowed = 0;
    for (int i = 0; i < 5'000; ++i) {
        std::vector<Policy> policies;
        for (std::size_t n = pick(3); n > 0; --n)
            policies.push_back(make_policy(pick(2) == 0 ? PolicyEffect::allow : PolicyEffect::deny,
                                           patterns[pick(patterns.size())],
                                           conditions[pick(conditions.size())]));
        Principal principal =
            make_person(pick(2) == 0 ? std::vector<Role>{} : std::vector{viewer()}, policies);
        if (pick(2) == 0) {
            principal.scopes.emplace();
            for (std::size_t n = pick(3); n > 0; --n)
                principal.scopes->push_back({.actions = {"package:list"},
                                             .resources = {patterns[pick(patterns.size())]},
                                             .tags = {}});
        }
        if (sees_all(principal)) {
            ++allowed;
            for (const char* name : {"a", "a/b", "b", "team/web"})
                EXPECT_TRUE(decide(principal, "package:list", in_images(name), {}).is_allowed) << name;
        }
        if (may_inside(principal)) continue;
        ++refused;
        for (const char* name : {"a", "a/b", "b", "team/web"})
            EXPECT_FALSE(decide(principal, "package:list", in_images(name), {}).is_allowed) << name;
    }
    EXPECT_GT(refused, 500);
    EXPECT_GT(allowed, 500);
}

}  // namespace
}  // namespace lodestone::identity
