// Policies: what can be stored, and of whom, what and when each speaks.
#include "identity/rules/policy.hpp"

#include <gtest/gtest.h>

namespace lodestone::identity {
namespace {

struct Case {
    const char* json;  // of the conditions
    bool is_met;
};

Principal alice() {
    Principal principal;
    principal.kind = PrincipalKind::person;
    principal.tenant = TenantId::trusted("acme");
    principal.user = UserId::trusted("alice");
    principal.key = KeyId::trusted("key-1");
    principal.rights = std::make_shared<Rights>(
        Rights{.roles = {make_role(*find_built_in_role("viewer"))},
               .app_roles = {{AppId::trusted("shop"), {make_role(*find_built_in_role("developer"))}}}});
    return principal;
}

Resource package() {
    Resource resource;
    resource.tenant = TenantId::trusted("acme");
    resource.type = "package";
    resource.id = "npm/left";
    resource.app = AppId::trusted("shop");
    resource.tags = {"latest", "v1"};
    resource.attributes = {{"visibility", "internal"}, {"size", "1024"}, {"note", "see below"}};
    return resource;
}

PolicyText text() {
    return {.id = PolicyId::trusted("p"),
            .name = "p",
            .app = std::nullopt,
            .effect = PolicyEffect::deny,
            .subjects = R"(["*"])",
            .actions = R"(["*"])",
            .resources = R"(["*"])",
            .conditions = "[]"};
}

bool speaks(const PolicyText& policy_text, const Circumstances& circumstances = {},
            const Principal& principal = alice(), const Resource& resource = package()) {
    std::string fault;
    const auto policy = parse_policy(policy_text, fault);
    EXPECT_TRUE(policy) << fault;
    return policy && applies(*policy, principal, "package:publish", resource, circumstances);
}

TEST(Policy, SpeaksOfItsSubjects) {
    for (const char* subject : {"*", "alice", "user:alice", "role:viewer", "role:developer", "key:key-1"}) {
        PolicyText policy = text();
        policy.subjects = std::string("[\"") + subject + "\"]";
        EXPECT_TRUE(speaks(policy)) << subject;
    }
    for (const char* subject :
         {"anonymous", "bob", "user:bob", "role:admin", "key:key-2", "app:shop", "user:viewer"}) {
        PolicyText policy = text();
        policy.subjects = std::string("[\"") + subject + "\"]";
        EXPECT_FALSE(speaks(policy)) << subject;
    }
    PolicyText policy = text();
    policy.subjects = R"(["role:developer"])";
    Resource elsewhere = package();
    elsewhere.app = AppId::trusted("blog");
    EXPECT_FALSE(speaks(policy, {}, alice(), elsewhere)) << "a developer only in the other app";
    policy.subjects = R"(["anonymous"])";
    EXPECT_TRUE(speaks(policy, {}, Principal{}));
}

TEST(Policy, SpeaksOfItsActionsResourcesAndApp) {
    const struct {
        const char *actions, *resources, *app;
        bool is_met;
    } rows[] = {
        {"package:publish", "package:npm/*", "shop", true},
        {"package:*", "*", "", true},
        {"package:read", "*", "", false},
        {"*", "package:pypi/*", "", false},
        {"*", "repository:*", "", true},  // what is in them, too
        {"*", "service:*", "", false},
        {"*", "*", "blog", false},
    };
    for (const auto& row : rows) {
        PolicyText policy = text();
        policy.actions = std::string("[\"") + row.actions + "\"]";
        policy.resources = std::string("[\"") + row.resources + "\"]";
        if (*row.app != 0) policy.app = AppId::trusted(row.app);
        EXPECT_EQ(speaks(policy), row.is_met) << row.actions << " " << row.resources << " " << row.app;
    }
}

TEST(Policy, SpeaksUnderItsConditions) {
    const Circumstances friday{.now = Time{std::chrono::seconds{1'800'000'000}}, .address = "10.1.2.3"};
    const Case rows[] = {
        {R"([{"attribute":"resource.visibility","operator":"eq","value":"internal"}])", true},
        {R"([{"attribute":"resource.visibility","operator":"ne","value":"internal"}])", false},
        {R"([{"attribute":"resource.visibility","operator":"in","value":["open","internal"]}])", true},
        {R"([{"attribute":"resource.visibility","operator":"not_in","value":["open","internal"]}])", false},
        {R"([{"attribute":"resource.missing","operator":"eq","value":"x"}])", false},
        {R"([{"attribute":"resource.missing","operator":"ne","value":"x"}])", true},
        {R"([{"attribute":"resource.size","operator":"gt","value":1000}])", true},
        {R"([{"attribute":"resource.size","operator":"lt","value":1000}])", false},
        {R"([{"attribute":"resource.note","operator":"contains","value":"below"}])", true},
        {R"([{"attribute":"resource.tags","operator":"contains","value":"v1"}])", true},
        {R"([{"attribute":"resource.tags","operator":"contains","value":"v"}])", false},
        {R"([{"attribute":"resource.app","operator":"eq","value":"shop"}])", true},
        {R"([{"attribute":"principal.kind","operator":"eq","value":"person"}])", true},
        {R"([{"attribute":"principal.has_second_factor","operator":"eq","value":false}])", true},
        {R"([{"attribute":"principal.user","operator":"in","value":["bob"]}])", false},
        {R"([{"attribute":"principal.app","operator":"eq","value":""}])", false},
        {R"([{"attribute":"address","operator":"in","value":["10.0.0.0/8"]}])", true},
        {R"([{"attribute":"address","operator":"not_in","value":["10.0.0.0/8","2001:db8::/32"]}])", false},
        {R"([{"attribute":"time","operator":"after","value":"2027-01-15T07:59:59Z"}])", true},
        {R"([{"attribute":"time","operator":"before","value":"2027-01-15T07:59:59Z"}])", false},
        {R"([{"attribute":"time.hour","operator":"eq","value":8}])", true},
        {R"([{"attribute":"time.hour","operator":"lt","value":8}])", false},
        {R"([{"attribute":"time.hour","operator":"in","value":[7,8]}])", true},
        {R"([{"attribute":"time.weekday","operator":"eq","value":"friday"}])", true},
        {R"([{"attribute":"time.weekday","operator":"in","value":["saturday","sunday"]}])", false},
        {R"([{"attribute":"time.hour","operator":"eq","value":8},{"attribute":"time.hour","operator":"eq","value":9}])",
         false},
    };
    for (const Case& row : rows) {
        PolicyText policy = text();
        policy.conditions = row.json;
        EXPECT_EQ(speaks(policy, friday), row.is_met) << row.json;
    }
}

// What cannot be compared leaves an allowance unused and a prohibition in force.
TEST(Policy, TakesWhatIsNoNumberForTheWorse) {
    for (const PolicyEffect effect : {PolicyEffect::allow, PolicyEffect::deny})
        for (const char* attribute : {"resource.note", "resource.missing"}) {
            PolicyText policy = text();
            policy.effect = effect;
            policy.conditions =
                std::string(R"([{"attribute":")") + attribute + R"(","operator":"gt","value":10}])";
            EXPECT_EQ(speaks(policy), effect == PolicyEffect::deny) << attribute;
        }
    PolicyText policy = text();
    policy.conditions = R"([{"attribute":"address","operator":"not_in","value":["10.0.0.0/8"]}])";
    EXPECT_TRUE(speaks(policy, {.now = {}, .address = "unix"}));
    EXPECT_TRUE(speaks(policy, {.now = {}, .address = ""}));
}

TEST(Policy, SaysWhatIsWrongWithIt) {
    const struct {
        std::string PolicyText::* field;
        const char *json, *fault;
    } rows[] = {
        {&PolicyText::subjects, "[]", "subjects is empty"},
        {&PolicyText::subjects, R"(["team:x"])", "subjects has an entry that is not \"*\""},
        {&PolicyText::subjects, R"(["role:"])", "subjects has an entry that is not \"*\""},
        {&PolicyText::subjects, R"([7])", "subjects has an entry that is not \"*\""},
        {&PolicyText::actions, R"(["package:fly"])", "actions has an entry that is not a permission"},
        {&PolicyText::actions, "{", "actions is not JSON"},
        {&PolicyText::resources, R"(["pakage:x"])", "resources has an entry that is not a resource"},
        {&PolicyText::resources, R"("*")", "resources is not a list"},
        {&PolicyText::conditions, "{}", "conditions is not a list"},
        {&PolicyText::conditions, "[{}]", "conditions[0] is not an object with"},
        {&PolicyText::conditions, R"([{"attribute":"moon","operator":"eq","value":"full"}])",
         "conditions[0].attribute is none"},
        {&PolicyText::conditions, R"([{"attribute":"principal.shoe","operator":"eq","value":"9"}])",
         "conditions[0].attribute is none"},
        {&PolicyText::conditions, R"([{"attribute":"address","operator":"eq","value":"10.0.0.1"}])",
         "conditions[0].operator is none that address"},
        {&PolicyText::conditions, R"([{"attribute":"address","operator":"in","value":["10.0.0.1/8"]}])",
         "conditions[0].value is not a network"},
        {&PolicyText::conditions, R"([{"attribute":"address","operator":"in","value":"10.0.0.0/8"}])",
         "conditions[0].value is not a list"},
        {&PolicyText::conditions, R"([{"attribute":"time.hour","operator":"eq","value":24}])",
         "conditions[0].value is not an hour"},
        {&PolicyText::conditions, R"([{"attribute":"time.weekday","operator":"eq","value":"Friday"}])",
         "conditions[0].value is not a day"},
        {&PolicyText::conditions, R"([{"attribute":"time","operator":"before","value":"tomorrow"}])",
         "conditions[0].value is not a time"},
        {&PolicyText::conditions, R"([{"attribute":"resource.x","operator":"gt","value":"many"}])",
         "conditions[0].value is not a number"},
        {&PolicyText::conditions, R"([{"attribute":"resource.x","operator":"eq","value":["a"]}])",
         "conditions[0].value is not a single one"},
        {&PolicyText::conditions, R"([{"attribute":"resource.x","operator":"eq","value":"a","or":1}])",
         "conditions[0] is not an object with"},
    };
    for (const auto& row : rows) {
        PolicyText policy = text();
        policy.*row.field = row.json;
        std::string fault;
        EXPECT_FALSE(parse_policy(policy, fault)) << row.json;
        EXPECT_TRUE(fault.starts_with(row.fault)) << row.json << ": " << fault;
    }
}

// What would lose its meaning if the repository npm were public.
TEST(Policy, IsEvadedWhereItHidesAPartFromSome) {
    const auto is_evaded = [](const char* subjects, const char* actions, const char* resource) {
        PolicyText policy = text();
        policy.subjects = subjects;
        policy.actions = actions;
        policy.resources = std::string("[\"") + resource + "\"]";
        PolicySet set;
        std::string fault;
        set.policies.push_back(parse_policy(policy, fault).value());
        return find_evaded_policy(set, "npm", AppId::trusted("shop")) != nullptr;
    };
    const char* viewers = R"(["role:viewer"])";
    for (const char* resource : {"package:npm/left", "package:npm/l*", "package:npm/@scope/*",
                                 "repository:npm/left", "repository:npm/l*"})
        EXPECT_TRUE(is_evaded(viewers, R"(["package:*"])", resource)) << resource;
    for (const char* resource : {"package:npm/*", "repository:npm", "repository:npm/*", "*", "package:*",
                                 "package:npm2/left", "package:np*", "repository:npm2/left"})
        EXPECT_FALSE(is_evaded(viewers, R"(["package:*"])", resource)) << resource;
    EXPECT_TRUE(is_evaded(viewers, R"(["package:download"])", "package:npm/left"));
    EXPECT_FALSE(is_evaded(viewers, R"(["package:publish"])", "package:npm/left"));
    EXPECT_FALSE(is_evaded(R"(["*"])", R"(["*"])", "package:npm/left")) << "strangers are kept out, too";
    EXPECT_FALSE(is_evaded(R"(["role:viewer","anonymous"])", R"(["*"])", "package:npm/left"));
}

}  // namespace
}  // namespace lodestone::identity
