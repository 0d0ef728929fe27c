// Scopes: what can be stored, that it comes back the same, and which are within others.
#include "identity/rules/scopes.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace lodestone::identity {
namespace {

TEST(Scopes, ComeBackAsTheyWereStored) {
    const Scope one{
        .actions = {"package:read", "package:publish"}, .resources = {"package:acme/*"}, .tags = {"v*"}};
    for (const Scopes& scopes :
         {Scopes(), Scopes(std::in_place), Scopes({one}), Scopes({one, {{"*"}, {}, {}}})}) {
        const ParsedScopes parsed = parse_scopes(render_scopes(scopes));
        EXPECT_EQ(parsed.fault, "");
        EXPECT_EQ(parsed.scopes, scopes) << render_scopes(scopes);
    }
    EXPECT_EQ(render_scopes({}), "null");
    EXPECT_EQ(parse_scopes(R"([{"actions":["*"]}])").scopes, Scopes({{{"*"}, {}, {}}}));
}

TEST(Scopes, SayWhatIsWrongWithThem) {
    const struct {
        std::string json, fault;
    } rows[] = {
        {"", "scopes is not JSON"},
        {"{}", "scopes is neither null nor a list"},
        {"[1]", "scopes[0] is not an object"},
        {"[{}]", "scopes[0].actions is empty"},
        {R"([{"actions":[]}])", "scopes[0].actions is empty"},
        {R"([{"actions":["*"]},{"actions":["fly"]}])",
         "scopes[1].actions has an entry that is not a permission"},
        {R"([{"actions":"*"}])", "scopes[0].actions is not a list"},
        {R"([{"actions":["*","*"]}])", "scopes[0].actions has an entry twice"},
        {R"([{"actions":["*"],"resources":["x"]}])",
         "scopes[0].resources has an entry that is not a resource"},
        {R"([{"actions":["*"],"tags":["a*b"]}])", "scopes[0].tags has an entry that is not a tag"},
        {R"([{"actions":["*"],"tenants":["x"]}])", "scopes[0] has a member that is none of"},
        {R"([[[[[[]]]]]])", "scopes is not JSON, or nested too deep"},
        {"[" + std::string(limits::rule_bytes, ' ') + "]", "scopes has more than"},
    };
    for (const auto& row : rows) {
        const ParsedScopes parsed = parse_scopes(row.json);
        EXPECT_NE(parsed.fault.find(row.fault), std::string::npos) << row.json << ": " << parsed.fault;
    }
    std::vector<Scope> many(limits::scopes_per_key + 1, {{"*"}, {}, {}});
    EXPECT_EQ(find_scope_fault(many), "scopes has more than 32 entries");
    many.resize(1);
    many[0].actions.assign(limits::rule_entries + 1, "*");
    EXPECT_EQ(find_scope_fault(many), "scopes[0].actions has more than 64 entries");
}

TEST(Scopes, MakeNoBetterOnes) {
    const Scope all{{"*"}, {}, {}}, read{{"package:read"}, {}, {}},
        read_acme{{"package:read"}, {"package:acme*"}, {}},
        read_one{{"package:read"}, {"package:acme/x"}, {}}, tagged{{"package:read"}, {}, {"v1"}};
    const struct {
        Scopes narrow, wide;
        bool is_within;
    } rows[] = {
        {{}, {}, true},
        {Scopes({all}), {}, true},
        {{}, Scopes({all}), false},
        {Scopes(std::in_place), Scopes({read}), true},
        {Scopes({read}), Scopes({all}), true},
        {Scopes({all}), Scopes({read}), false},
        {Scopes({read_acme}), Scopes({read}), true},
        {Scopes({read}), Scopes({read_acme}), false},
        {Scopes({read_one}), Scopes({read_acme}), true},
        {Scopes({read_acme}), Scopes({read_one}), false},
        {Scopes({tagged}), Scopes({read}), true},
        {Scopes({read}), Scopes({tagged}), false},
        {Scopes({read, all}), Scopes({read, read_one}), false},
        {Scopes({read_one, tagged}), Scopes({read_acme, tagged}), true},
    };
    for (const auto& row : rows)
        EXPECT_EQ(are_scopes_within(row.narrow, row.wide), row.is_within)
            << render_scopes(row.narrow) << " in " << render_scopes(row.wide);
}

}  // namespace
}  // namespace lodestone::identity
