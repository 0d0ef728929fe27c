// What a key is good for: read, written, applied and compared.
#include "identity/rules/scopes.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <span>

#include "base/limits.hpp"
#include "identity/rules/patterns.hpp"
#include "identity/rules/text_list.hpp"

namespace lodestone::identity {

namespace {

namespace json = boost::json;

constexpr std::string_view action_form = "a permission like \"package:read\", \"package:*\" or \"*\"";
constexpr std::string_view resource_form =
    "a resource like \"repository:acme-npm\", \"repository:acme-*\" or \"*\"";
constexpr std::string_view tag_form = "a tag, or the beginning of one and a star";

struct Member {
    std::string_view name;
    std::vector<std::string> Scope::* list;
    IsGoodText is_good;
    std::string_view form;
};
constexpr Member members[] = {{"actions", &Scope::actions, is_action_pattern, action_form},
                              {"resources", &Scope::resources, is_resource_pattern, resource_form},
                              {"tags", &Scope::tags, is_tag_pattern, tag_form}};

std::string find_list_fault(const std::vector<std::string>& list, const Member& member) {
    if (list.size() > limits::rule_entries)
        return "has more than " + std::to_string(limits::rule_entries) + " entries";
    if (!std::ranges::all_of(list, member.is_good))
        return "has an entry that is not " + std::string(member.form);
    return {};
}

bool parse_scope_object(const json::value& value, Scope& scope, std::string& fault) {
    if (!value.is_object()) {
        fault = " is not an object";
        return false;
    }
    for (const auto& [key, entry] : value.get_object()) {
        const auto* member = std::ranges::find(members, std::string_view(key), &Member::name);
        if (member == std::end(members)) {
            fault = " has a member that is none of \"actions\", \"resources\" and \"tags\"";
            return false;
        }
        auto list = parse_text_list(entry, member->is_good, member->form, fault);
        if (!list) {
            fault.insert(0, "." + std::string(member->name) + " ");
            return false;
        }
        scope.*member->list = *std::move(list);
    }
    return true;
}

bool is_any_in(std::span<const std::string> texts, std::span<const std::string> patterns) {
    return std::ranges::any_of(texts, [&](const std::string& text) {
        return std::ranges::any_of(patterns,
                                   [&](const std::string& pattern) { return is_text_in(text, pattern); });
    });
}

using IsWithin = bool (*)(std::string_view narrow, std::string_view wide);

// Each of the narrow ones lies in one of the wide ones.
bool are_within(std::span<const std::string> narrow, std::span<const std::string> wide, IsWithin is_within) {
    return std::ranges::all_of(narrow, [&](const std::string& inner) {
        return std::ranges::any_of(wide, [&](const std::string& outer) { return is_within(inner, outer); });
    });
}

// Of lists whose absence is no limit.
bool is_limit_within(std::span<const std::string> narrow, std::span<const std::string> wide,
                     IsWithin is_within) {
    return wide.empty() || (!narrow.empty() && are_within(narrow, wide, is_within));
}

bool is_scope_within(const Scope& narrow, const Scope& wide) {
    return are_within(narrow.actions, wide.actions, is_pattern_in) &&
           is_limit_within(narrow.resources, wide.resources, is_resource_pattern_in) &&
           is_limit_within(narrow.tags, wide.tags, is_pattern_in);
}

}  // namespace

std::string find_scope_fault(const Scopes& scopes) {
    if (!scopes) return {};
    if (scopes->size() > limits::scopes_per_key)
        return "scopes has more than " + std::to_string(limits::scopes_per_key) + " entries";
    for (std::size_t i = 0; i < scopes->size(); ++i) {
        const std::string name = "scopes[" + std::to_string(i) + "]";
        const Scope& scope = (*scopes)[i];
        if (scope.actions.empty()) return name + ".actions is empty: it would be good for nothing";
        for (const Member& member : members)
            if (std::string fault = find_list_fault(scope.*member.list, member); !fault.empty()) {
                fault.insert(0, std::string(member.name) + " ");
                return fault.insert(0, name + ".");
            }
    }
    return {};
}

ParsedScopes parse_scopes(std::string_view text) {
    ParsedScopes parsed;
    const std::optional<json::value> value = parse_rule_json(text, parsed.fault);
    if (!value) {
        parsed.fault = "scopes " + parsed.fault;
        return parsed;
    }
    if (value->is_null()) return parsed;
    if (!value->is_array()) return {.scopes = {}, .fault = "scopes is neither null nor a list"};
    std::vector<Scope> scopes;
    for (const json::value& entry : value->get_array()) {
        Scope scope;
        if (!parse_scope_object(entry, scope, parsed.fault)) {
            parsed.fault = "scopes[" + std::to_string(scopes.size()) + "]" + parsed.fault;
            return parsed;
        }
        scopes.push_back(std::move(scope));
    }
    parsed.scopes = std::move(scopes);
    parsed.fault = find_scope_fault(parsed.scopes);
    return parsed;
}

std::string render_scopes(const Scopes& scopes) {
    if (!scopes) return "null";
    std::string text = "[";
    for (const Scope& scope : *scopes) {
        text += text.size() > 1 ? ",{" : "{";
        for (const Member& member : members)
            text.append(text.back() == '{' ? "\"" : ",\"")
                .append(member.name)
                .append("\":")
                .append(render_text_list(scope.*member.list));
        text += '}';
    }
    return text + "]";
}

bool is_in_scope(std::string_view permission, const Resource& resource, const Scope& scope) {
    const auto is_in_any = [](std::string_view text, std::span<const std::string> patterns, IsWithin is_in) {
        return std::ranges::any_of(patterns,
                                   [&](const std::string& pattern) { return is_in(text, pattern); });
    };
    return is_in_any(permission, scope.actions, is_text_in) &&
           (scope.resources.empty() || is_in_any(resource.text(), scope.resources, is_resource_in)) &&
           (scope.tags.empty() || is_any_in(resource.tags, scope.tags));
}

bool is_in_scopes(std::string_view permission, const Resource& resource, const Scopes& scopes) {
    return !scopes || std::ranges::any_of(*scopes, [&](const Scope& scope) {
        return is_in_scope(permission, resource, scope);
    });
}

bool may_reach_into(std::string_view permission, const Resource& all, const Scopes& scopes) {
    const auto reaches = [&](const std::string& pattern) { return reaches_into(pattern, all.text()); };
    return !scopes || std::ranges::any_of(*scopes, [&](const Scope& scope) {
        const auto takes = [&](const std::string& action) { return is_text_in(permission, action); };
        return std::ranges::any_of(scope.actions, takes) &&
               (scope.resources.empty() || std::ranges::any_of(scope.resources, reaches));
    });
}

bool are_scopes_within(const Scopes& narrow, const Scopes& wide) {
    if (!wide) return true;
    if (!narrow) return false;
    return std::ranges::all_of(*narrow, [&](const Scope& inner) {
        return std::ranges::any_of(*wide, [&](const Scope& outer) { return is_scope_within(inner, outer); });
    });
}

}  // namespace lodestone::identity
