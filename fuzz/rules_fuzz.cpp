// Fuzzes what roles, scopes and policies are stored as: nothing that can be read is beyond a limit, and
// scopes survive being written.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "identity/rules/patterns.hpp"
#include "identity/rules/policy.hpp"
#include "identity/rules/scopes.hpp"
#include "identity/rules/text_list.hpp"

using lodestone::ensure;
using namespace lodestone::identity;

namespace {

void check_lists(std::string_view text) {
    std::string fault;
    if (parse_rule_json(text, fault))
        ensure(text.size() <= lodestone::limits::rule_bytes, "long rules are refused");
    if (const auto list = parse_text_list(text, is_resource_pattern, "a resource", fault)) {
        ensure(list->size() <= lodestone::limits::rule_entries, "long lists are refused");
        ensure(parse_text_list(render_text_list(*list), is_resource_pattern, "a resource", fault) == list,
               "a list survives being written");
    }
    if (const auto permissions = parse_role_permissions(text, fault))
        for (const std::string& pattern : *permissions)
            ensure(is_action_pattern(pattern), "roles are made of patterns");
}

void check_scopes(std::string_view text) {
    const ParsedScopes parsed = parse_scopes(text);
    if (!parsed.fault.empty()) return;
    const ParsedScopes again = parse_scopes(render_scopes(parsed.scopes));
    ensure(again.fault.empty() && again.scopes == parsed.scopes, "scopes survive being written");
    ensure(are_scopes_within(parsed.scopes, parsed.scopes), "scopes are within themselves");
}

void check_policy(std::string_view text) {
    std::string fault;
    const auto conditions = parse_conditions(text, fault);
    const PolicyText stored{.id = PolicyId::trusted("p"),
                            .name = "p",
                            .app = {},
                            .effect = PolicyEffect::deny,
                            .subjects = R"(["*"])",
                            .actions = R"(["*"])",
                            .resources = R"(["*"])",
                            .conditions = std::string(text)};
    const auto policy = parse_policy(stored, fault);
    ensure(policy.has_value() == conditions.has_value(), "a policy is as good as its conditions");
    if (policy) applies(*policy, {}, "package:read", {}, {.now = {}, .address = "192.0.2.1"});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_lists(text);
    check_scopes(text);
    check_policy(text);
    return 0;
}
