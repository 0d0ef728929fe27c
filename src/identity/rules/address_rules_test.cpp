// The two lists of addresses: what each lets in, and which of them is named when it does not.
#include "identity/rules/address_rules.hpp"

#include <gtest/gtest.h>

namespace lodestone::identity {
namespace {

std::vector<http::Network> networks(std::initializer_list<const char*> texts) {
    std::vector<http::Network> list;
    for (const char* text : texts) list.push_back(http::parse_network(text).value());
    return list;
}

TEST(AddressRules, SayWhichListKeepsSomebodyOut) {
    const auto office = networks({"10.0.0.0/8", "2001:db8::/32"});
    const auto cellar = networks({"10.9.0.0/16"});
    const std::string_view allowed = "config.security.allowed_ips";
    const std::string_view blocked = "config.security.blocked_ips";
    const struct {
        AddressRules rules;
        const char* address;
        std::string_view refusal;
    } rows[] = {
        {{}, "192.0.2.1", ""},
        {{}, "unix", ""},
        {{.allowed = office, .blocked = {}}, "10.1.2.3", ""},
        {{.allowed = office, .blocked = {}}, "::ffff:10.1.2.3", ""},
        {{.allowed = office, .blocked = {}}, "2001:db8::7", ""},
        {{.allowed = office, .blocked = {}}, "192.0.2.1", allowed},
        {{.allowed = office, .blocked = {}}, "unix", allowed},
        {{.allowed = office, .blocked = {}}, "", allowed},
        {{.allowed = {}, .blocked = cellar}, "192.0.2.1", ""},
        {{.allowed = {}, .blocked = cellar}, "10.9.0.1", blocked},
        {{.allowed = office, .blocked = cellar}, "10.9.0.1", blocked},
        {{.allowed = office, .blocked = cellar}, "10.8.0.1", ""},
    };
    for (const auto& row : rows) EXPECT_EQ(row.rules.find_refusal(row.address), row.refusal) << row.address;
}

}  // namespace
}  // namespace lodestone::identity
