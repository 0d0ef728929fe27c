// The decision as tables: who may do what, and which rule says so; and properties over many made-up
// questions.
#include "identity/rules/decide.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/rules/policy.hpp"
#include "identity/rules/rights.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::identity {
namespace {

const TenantId acme = TenantId::trusted("acme"), other = TenantId::trusted("other");
const AppId shop = AppId::trusted("shop"), blog = AppId::trusted("blog");
const UserId alice = UserId::trusted("alice");

struct TestPolicy {
    PolicyEffect effect = PolicyEffect::deny;
    std::string subjects = R"(["*"])";
    std::string actions = R"(["*"])";
    std::string resources = R"(["*"])";
    std::string conditions = "[]";
    std::optional<AppId> app = std::nullopt;
};

std::shared_ptr<const PolicySet> make_policies(const std::vector<TestPolicy>& texts) {
    auto set = std::make_shared<PolicySet>();
    for (const TestPolicy& text : texts) {
        const std::string id = "policy-" + std::to_string(set->policies.size() + 1);
        std::string fault;
        auto policy = parse_policy({.id = PolicyId::trusted(id),
                                    .name = id,
                                    .app = text.app,
                                    .effect = text.effect,
                                    .subjects = text.subjects,
                                    .actions = text.actions,
                                    .resources = text.resources,
                                    .conditions = text.conditions},
                                   fault);
        EXPECT_TRUE(policy) << fault;
        if (policy) set->policies.push_back(*policy);
    }
    return set;
}

Role role(std::string_view name) {
    return make_role(*find_built_in_role(name));
}

Principal person(const Rights& rights = {}) {
    Principal principal;
    principal.kind = PrincipalKind::person;
    principal.tenant = acme;
    principal.user = alice;
    principal.rights = std::make_shared<Rights>(rights);
    return principal;
}

Resource thing(std::string type, std::string id = "", const AppId& app = {}) {
    Resource resource;
    resource.tenant = acme;
    resource.type = std::move(type);
    resource.id = std::move(id);
    resource.app = app;
    return resource;
}

Resource of_permission(std::string_view permission, const TenantId& tenant = acme) {
    Resource resource = thing(std::string(type_of(permission)), "x", shop);
    resource.tenant = tenant;
    return resource;
}

// "allowed role:developer", "refused scope", "hidden tenant".
std::string verdict(const Principal& principal, std::string_view permission, const Resource& resource,
                    const Circumstances& circumstances = {}) {
    const Decision decision = decide(principal, permission, resource, circumstances);
    EXPECT_FALSE(decision.reason.empty());
    EXPECT_FALSE(decision.is_allowed && decision.is_hidden);
    return (decision.is_allowed ? "allowed " : decision.is_hidden ? "hidden " : "refused ") + decision.rule;
}

TEST(Decide, SaysNoUnlessSomethingSaysYes) {
    for (const Permission& permission : all_permissions()) {
        EXPECT_FALSE(decide({}, permission.name, of_permission(permission.name), {}).is_allowed)
            << permission.name;
        EXPECT_FALSE(decide(person(), permission.name, of_permission(permission.name), {}).is_allowed)
            << permission.name;
    }
    EXPECT_EQ(verdict(person({.roles = {role("owner")}}), "user:fly", thing("user", "bob")),
              "refused catalogue");
    EXPECT_EQ(verdict(person({.roles = {role("owner")}}), "", thing("user", "bob")), "refused catalogue");
}

// Whoever may publish may stage, without being told so; not the other way round.
TEST(Decide, OnePermissionMayContainAnother) {
    const Resource one = thing("package", "npm/left-pad", shop);
    const Role publisher{.name = "publisher", .permissions = {"package:publish"}};
    const Role stager{.name = "stager", .permissions = {"package:stage"}};
    EXPECT_EQ(verdict(person({.roles = {publisher}}), "package:stage", one), "allowed role:publisher");
    EXPECT_EQ(verdict(person({.roles = {stager}}), "package:stage", one), "allowed role:stager");
    EXPECT_EQ(verdict(person({.roles = {stager}}), "package:publish", one), "refused default");
    Principal with_key = person({.roles = {role("developer")}});
    with_key.scopes = Scopes({{.actions = {"package:publish"}, .resources = {}, .tags = {}}});
    EXPECT_EQ(verdict(with_key, "package:stage", one), "allowed role:developer");
    EXPECT_TRUE(may_allow_inside(with_key, "package:stage", one, {}));
    with_key.scopes = Scopes({{.actions = {"package:stage"}, .resources = {}, .tags = {}}});
    EXPECT_EQ(verdict(with_key, "package:publish", one), "refused scope");
    with_key.scopes = Scopes({{.actions = {"package:read"}, .resources = {}, .tags = {}}});
    EXPECT_EQ(verdict(with_key, "package:stage", one), "refused scope");
    EXPECT_FALSE(may_allow_inside(with_key, "package:stage", one, {}));
    const auto from_afar = make_policies({{.actions = R"(["package:publish"])"}});
    const Principal developer = person({.roles = {role("developer")}, .policies = from_afar});
    EXPECT_EQ(verdict(developer, "package:publish", one), "refused policy:policy-1");
    EXPECT_EQ(verdict(developer, "package:stage", one), "allowed role:developer") << "somebody else approves";
}

TEST(Decide, GivesEachRoleItsOwn) {
    const struct {
        const char *role, *permission, *verdict;
    } rows[] = {
        {"owner", "tenant:transfer", "allowed role:owner"},
        {"owner", "tenant:suspend", "refused installation"},
        {"owner", "tenant:create", "refused installation"},
        {"owner", "platform_admin:list", "refused installation"},
        {"admin", "tenant:update", "allowed role:admin"},
        {"admin", "tenant:transfer", "refused default"},
        {"admin", "tenant:delete", "refused default"},
        {"admin", "policy:delete", "allowed role:admin"},
        {"maintainer", "key:create", "allowed role:maintainer"},
        {"maintainer", "policy:create", "refused default"},
        {"maintainer", "user:update", "refused default"},
        {"maintainer", "role:assign", "refused default"},
        {"developer", "package:publish", "allowed role:developer"},
        {"developer", "package:delete", "refused default"},
        {"developer", "membership:create", "refused default"},
        {"developer", "audit:list", "refused default"},
        {"viewer", "package:download", "allowed role:viewer"},
        {"viewer", "package:publish", "refused default"},
        {"viewer", "user:list", "refused default"},
        {"auditor", "audit:list", "allowed role:auditor"},
        {"auditor", "user:update", "refused default"},
        {"auditor", "package:download", "refused default"},
        {"robot", "package:publish", "allowed role:robot"},
        {"robot", "user:list", "refused default"},
    };
    for (const auto& row : rows) {
        const Principal principal = person({.roles = {role(row.role)}});
        EXPECT_EQ(verdict(principal, row.permission, of_permission(row.permission)), row.verdict)
            << row.role << " " << row.permission;
    }
}

TEST(Decide, GivesRolesInAnAppNothingElsewhere) {
    const Principal principal = person({.app_roles = {{shop, {role("maintainer")}}}});
    EXPECT_EQ(verdict(principal, "branch:update", thing("branch", "b", shop)), "allowed role:maintainer");
    EXPECT_EQ(verdict(principal, "app:update", thing("app", "shop")), "allowed role:maintainer");
    EXPECT_EQ(verdict(principal, "branch:update", thing("branch", "b", blog)), "refused default");
    EXPECT_EQ(verdict(principal, "app:update", thing("app", "blog")), "refused default");
    EXPECT_EQ(verdict(principal, "app:list", thing("app")), "refused default");
    EXPECT_EQ(verdict(principal, "branch:update", thing("branch", "b")), "refused default") << "of no app";
}

TEST(Decide, HidesWhatIsAnotherTenants) {
    Principal admin = person({.roles = {role("owner")}});
    for (const Permission& permission : all_permissions())
        EXPECT_EQ(verdict(admin, permission.name, of_permission(permission.name, other)), "hidden tenant")
            << permission.name;
    EXPECT_EQ(verdict(admin, "user:list", of_permission("user:list", TenantId{})), "refused installation");
    // A platform administrator manages tenants, and sees nothing inside them.
    admin.is_platform_admin = true;
    EXPECT_EQ(verdict(admin, "tenant:suspend", of_permission("tenant:suspend", other)), "allowed platform");
    EXPECT_EQ(verdict(admin, "tenant:create", of_permission("tenant:create", TenantId{})),
              "allowed platform");
    for (const Permission& permission : all_permissions())
        if (permission.type() != "tenant" && permission.type() != "platform_admin" &&
            permission.type() != "advisory") {
            EXPECT_EQ(verdict(admin, permission.name, of_permission(permission.name, other)), "hidden tenant")
                << permission.name;
        }
    // Nor does a permission on tenants reach something else by another way.
    EXPECT_EQ(verdict(admin, "tenant:read",
                      [] {
                          Resource resource = thing("user", "bob");
                          resource.tenant = other;
                          return resource;
                      }()),
              "hidden tenant");
    Principal operators;
    operators.kind = PrincipalKind::operators;
    EXPECT_EQ(verdict(operators, "tenant:create", of_permission("tenant:create", TenantId{})),
              "allowed platform");
    EXPECT_EQ(verdict(operators, "user:list", of_permission("user:list")), "hidden tenant");
}

TEST(Decide, LetsPeopleDoWhatIsTheirOwn) {
    Resource own = thing("key", "k");
    own.attributes[owner_attribute] = "alice";
    EXPECT_EQ(verdict(person(), "key:revoke", own), "allowed own");
    EXPECT_EQ(verdict(person(), "user:update", own), "refused default") << "not without a role";
    own.attributes[owner_attribute] = "bob";
    EXPECT_EQ(verdict(person(), "key:revoke", own), "refused default");
    own.attributes[owner_attribute] = "";
    Principal robot = person();
    robot.kind = PrincipalKind::app;
    robot.user = {};
    EXPECT_EQ(verdict(robot, "key:revoke", own), "refused default");
}

TEST(Decide, ShowsWhatIsPublicToAnybodyInReadingOnly) {
    Resource open = thing("package", "npm/left");
    open.is_public = true;
    Circumstances there{.now = {}, .address = {}, .house_rules = make_policies({})};
    EXPECT_EQ(verdict({}, "package:download", open, there), "allowed public");
    EXPECT_EQ(verdict({}, "package:download", open), "refused anonymous")
        << "nobody has asked what the tenant says to strangers";
    EXPECT_EQ(verdict({}, "package:publish", open, there), "refused anonymous");
    open.is_public = false;
    EXPECT_EQ(verdict({}, "package:download", open, there), "refused anonymous");
    there.house_rules = make_policies({{.effect = PolicyEffect::allow, .subjects = R"(["anonymous","*"])"}});
    EXPECT_EQ(verdict({}, "package:download", open, there), "refused anonymous")
        << "no policy makes anything public";
    open.is_public = true;
    there.house_rules = make_policies({{.subjects = R"(["anonymous"])"}});
    EXPECT_EQ(verdict({}, "package:download", open, there), "refused policy:policy-1");
}

// Whatever they are at home, and whatever their home says of itself.
TEST(Decide, JudgesOtherTenantsPeopleAsStrangersWhereAThingIsPublic) {
    Resource open = thing("package", "npm/left");
    open.tenant = other;
    open.is_public = true;
    Circumstances there{.now = {}, .address = "192.0.2.7", .house_rules = make_policies({})};
    Principal visitor =
        person({.roles = {role("owner")}, .policies = make_policies({{.subjects = R"(["*"])"}})});
    visitor.scopes.emplace();
    visitor.is_platform_admin = true;
    EXPECT_EQ(verdict(visitor, "package:download", open, there), "allowed public");
    EXPECT_EQ(verdict(visitor, "package:download", open), "hidden tenant");
    EXPECT_EQ(verdict(visitor, "package:publish", open, there), "hidden tenant");
    there.house_rules = make_policies({{.subjects = R"(["user:alice"])"}});
    EXPECT_EQ(verdict(visitor, "package:download", open, there), "allowed public")
        << "another alice is meant";
    there.house_rules = make_policies({{.subjects = R"(["anonymous"])"}});
    EXPECT_EQ(verdict(visitor, "package:download", open, there), "hidden tenant");
    auto blocked = std::make_shared<PolicySet>();
    blocked->addresses.blocked.push_back(http::parse_network("192.0.2.0/24").value());
    there.house_rules = blocked;
    EXPECT_EQ(verdict(visitor, "package:download", open, there), "refused address");
    auto suspended = std::make_shared<PolicySet>();
    suspended->is_suspended = true;
    there.house_rules = suspended;
    EXPECT_EQ(verdict(visitor, "package:download", open, there), "hidden tenant");
    open.is_public = false;
    there.house_rules = make_policies({{.effect = PolicyEffect::allow, .subjects = R"(["*"])"}});
    EXPECT_EQ(verdict(visitor, "package:download", open, there), "hidden tenant");
}

TEST(Decide, GivesNoLessForAKeyThanForNone) {
    Resource open = thing("package", "npm/left");
    open.is_public = true;
    Principal principal = person();
    principal.scopes = {{{.actions = {"package:*"}, .resources = {"repository:other"}, .tags = {}}}};
    principal.app_scopes.emplace();
    EXPECT_EQ(verdict(principal, "package:download", open), "allowed public");
    EXPECT_EQ(verdict(principal, "package:publish", open), "refused scope");
    principal.must_change_password = true;
    EXPECT_EQ(verdict(principal, "package:download", open), "refused password")
        << "a session does that first";
    principal = person({.policies = make_policies({{.subjects = R"(["user:alice"])"}})});
    EXPECT_EQ(verdict(principal, "package:download", open), "refused policy:policy-1");
}

TEST(Decide, StopsAtTheScopesOfWhatWasShown) {
    Principal principal = person({.roles = {role("owner")}});
    principal.scopes = {{{.actions = {"package:*"}, .resources = {"package:acme-npm/*"}, .tags = {}}}};
    EXPECT_EQ(verdict(principal, "package:read", thing("package", "acme-npm/x")), "allowed role:owner");
    EXPECT_EQ(verdict(principal, "package:read", thing("package", "other/x")), "refused scope");
    EXPECT_EQ(verdict(principal, "package:list", thing("package")), "refused scope");
    EXPECT_EQ(verdict(principal, "user:read", thing("user", "bob")), "refused scope");
    Resource own = thing("key", "k");
    own.attributes[owner_attribute] = "alice";
    EXPECT_EQ(verdict(principal, "key:create", own), "refused scope") << "a key makes no better key";
    principal.scopes = {{{.actions = {"*"}, .resources = {}, .tags = {"release-*"}}}};
    Resource tagged = thing("package", "x");
    EXPECT_EQ(verdict(principal, "package:read", tagged), "refused scope");
    tagged.tags = {"nightly", "release-1"};
    EXPECT_EQ(verdict(principal, "package:read", tagged), "allowed role:owner");
    principal.scopes.emplace();
    EXPECT_EQ(verdict(principal, "package:read", tagged), "refused scope") << "no scope is good for nothing";
    principal.is_platform_admin = true;
    EXPECT_EQ(verdict(principal, "tenant:list", of_permission("tenant:list", TenantId{})), "refused scope");
}

TEST(Decide, WantsANewPasswordFirst) {
    Principal principal = person({.roles = {role("owner")}});
    principal.must_change_password = true;
    Resource own = thing("password", "alice");
    own.attributes[owner_attribute] = "alice";
    EXPECT_EQ(verdict(principal, "user:list", thing("user")), "refused password");
    EXPECT_EQ(verdict(principal, "password:change", own), "allowed own");
}

TEST(Decide, WantsASecondFactorFirst) {
    Principal principal = person({.roles = {role("owner")}});
    principal.must_add_second_factor = true;
    const auto owned_by = [](const char* permission, const char* owner) {
        Resource resource = thing(std::string(type_of(permission)), owner);
        resource.attributes[owner_attribute] = owner;
        return resource;
    };
    EXPECT_EQ(verdict(principal, "user:list", thing("user")), "refused second_factor");
    EXPECT_EQ(verdict(principal, "policy:update", thing("policy", "p")), "refused second_factor")
        << "the owner too";
    for (const char* permission : {"second_factor:change", "password:change", "session:revoke"}) {
        EXPECT_EQ(verdict(principal, permission, owned_by(permission, "alice")), "allowed own");
        EXPECT_EQ(verdict(principal, permission, owned_by(permission, "bob")), "refused second_factor");
    }
    EXPECT_EQ(verdict(principal, "key:create", owned_by("key:create", "alice")), "refused second_factor")
        << "a key would be a way around it";
    principal.must_change_password = true;
    EXPECT_EQ(verdict(principal, "second_factor:change", owned_by("second_factor:change", "alice")),
              "refused password");
}

TEST(Decide, LooksAtTheAddressBeforeEverythingOfTheTenant) {
    auto set = std::make_shared<PolicySet>();
    set->addresses.allowed.push_back(http::parse_network("10.0.0.0/8").value());
    Principal owner = person({.roles = {role("owner")}, .policies = set});
    const Circumstances office{.now = {}, .address = "10.1.2.3"};
    const Circumstances elsewhere{.now = {}, .address = "192.0.2.7"};
    EXPECT_EQ(verdict(owner, "user:list", thing("user"), office), "allowed role:owner");
    EXPECT_EQ(verdict(owner, "user:list", thing("user"), elsewhere), "refused address");
    EXPECT_EQ(verdict(owner, "policy:update", thing("policy"), elsewhere), "refused address")
        << "nor may the owner mend policies from there";
    EXPECT_EQ(verdict(owner, "user:list", of_permission("user:list", other), elsewhere), "hidden tenant");
    owner.must_change_password = true;
    EXPECT_EQ(verdict(owner, "user:list", thing("user"), elsewhere), "refused address");
    EXPECT_TRUE(find_address_refusal(owner, elsewhere));
    EXPECT_FALSE(find_address_refusal(owner, office));
    EXPECT_FALSE(find_address_refusal({}, elsewhere));
}

// Nobody known, as the gate asks about what is public: with the tenant's policies.
TEST(Decide, KeepsFromStrangersWhatTheTenantKeepsFromEverybody) {
    Resource shelf = thing("repository", "open");
    shelf.is_public = true;
    const auto judge = [&](std::string_view permission, std::shared_ptr<const PolicySet> policies) {
        return verdict({}, permission, shelf,
                       {.now = {}, .address = "192.0.2.7", .house_rules = std::move(policies)});
    };
    EXPECT_EQ(judge("repository:read", make_policies({})), "allowed public");
    EXPECT_EQ(judge("repository:update", make_policies({})), "refused anonymous");
    EXPECT_EQ(judge("repository:read", make_policies({{.subjects = R"(["anonymous"])"}})),
              "refused policy:policy-1");
    auto blocked = std::make_shared<PolicySet>();
    blocked->addresses.blocked.push_back(http::parse_network("192.0.2.0/24").value());
    EXPECT_EQ(judge("repository:read", blocked), "refused address");
    auto suspended = std::make_shared<PolicySet>();
    suspended->is_suspended = true;
    EXPECT_EQ(judge("repository:read", suspended), "refused suspended");
}

TEST(Decide, LetsPoliciesAllowAndForbid) {
    const TestPolicy allow_reset{.effect = PolicyEffect::allow,
                                 .subjects = R"(["role:viewer"])",
                                 .actions = R"(["user:reset"])",
                                 .resources = R"(["user:guest-*"])"};
    const TestPolicy no_deleting{.actions = R"(["package:delete"])", .app = shop};
    Rights rights{.roles = {role("viewer"), role("maintainer")},
                  .policies = make_policies({allow_reset, no_deleting})};
    const Principal principal = person(rights);
    EXPECT_EQ(verdict(principal, "user:reset", thing("user", "guest-1")), "allowed policy:policy-1");
    EXPECT_EQ(verdict(principal, "user:reset", thing("user", "boss")), "refused default");
    EXPECT_EQ(verdict(principal, "package:delete", thing("package", "x", blog)), "allowed role:maintainer");
    EXPECT_EQ(verdict(principal, "package:delete", thing("package", "x", shop)), "refused policy:policy-2");
}

TEST(Decide, RefusesEverythingWhileAPolicyCannotBeRead) {
    auto set = std::make_shared<PolicySet>();
    set->unreadable.push_back("office hours");
    EXPECT_EQ(verdict(person({.roles = {role("admin")}, .policies = set}), "user:list", thing("user")),
              "refused policies");
    EXPECT_EQ(
        verdict(person({.roles = {role("owner")}, .policies = set}), "policy:update", thing("policy", "p")),
        "allowed role:owner");
}

// What an owner can always do is mend the policies; everything else a deny stops, whoever asks.
TEST(Decide, LetsADenyWinOverEverything) {
    Rights rights{
        .roles = {role("owner")},
        .app_roles = {{shop, {role("admin")}}},
        .policies = make_policies({{.effect = PolicyEffect::allow}, {.effect = PolicyEffect::deny}})};
    for (const Permission& permission : all_permissions()) {
        Resource resource = of_permission(permission.name);
        resource.is_public = true;
        resource.attributes[owner_attribute] = "alice";
        EXPECT_EQ(decide(person(rights), permission.name, resource, {}).is_allowed,
                  permission.type() == "policy")
            << permission.name;
        rights.roles = {role("admin")};
        EXPECT_FALSE(decide(person(rights), permission.name, resource, {}).is_allowed) << permission.name;
        rights.roles = {role("owner")};
    }
}

// Whatever roles and policies there are: with scopes, nobody may do more than without.
TEST(Decide, NeverAllowsMoreWithScopesThanWithout) {
    SeededRandom random(7);
    const auto pick = [&](std::size_t count) {
        std::uint8_t byte = 0;
        random.fill({&byte, 1});
        return byte % count;
    };
    const auto permissions = all_permissions();
    int narrowed = 0;
    for (int i = 0; i < 5'000; ++i) {
        const auto& permission = permissions[pick(permissions.size())];
        Rights rights{.roles = {make_role(built_in_roles()[pick(built_in_roles().size())])}};
        if (pick(2) == 0)
            rights.policies = make_policies(
                {{.effect = pick(2) == 0 ? PolicyEffect::allow : PolicyEffect::deny,
                  .actions = "[\"" + std::string(permissions[pick(permissions.size())].name) + "\"]"}});
        Principal principal = person(rights);
        const bool is_free =
            decide(principal, permission.name, of_permission(permission.name), {}).is_allowed;
        principal.scopes.emplace();
        for (std::size_t scope = pick(3); scope > 0; --scope)
            principal.scopes->push_back(
                {.actions = {pick(3) == 0 ? "*" : std::string(permissions[pick(permissions.size())].name)},
                 .resources = {},
                 .tags = {}});
        const bool is_scoped =
            decide(principal, permission.name, of_permission(permission.name), {}).is_allowed;
        EXPECT_TRUE(is_free || !is_scoped) << permission.name;
        narrowed += is_free && !is_scoped ? 1 : 0;
    }
    EXPECT_GT(narrowed, 100);
}

}  // namespace
}  // namespace lodestone::identity
