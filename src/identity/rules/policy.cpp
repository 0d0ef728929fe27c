// Policies: read once, then compared.
#include "identity/rules/policy.hpp"

#include <algorithm>
#include <array>

#include "base/id.hpp"
#include "identity/rules/patterns.hpp"
#include "identity/rules/text_list.hpp"

namespace lodestone::identity {

namespace {

constexpr std::array<std::string_view, 4> subject_kinds{"user:", "role:", "key:", "app:"};

bool is_subject(std::string_view text) {
    if (text == "*" || text == "anonymous" || is_id_text(text)) return true;
    return std::ranges::any_of(subject_kinds, [&](std::string_view kind) {
        return text.starts_with(kind) && is_id_text(text.substr(kind.size()));
    });
}

bool has_role(const Principal& principal, std::string_view name, const Resource& resource) {
    if (!principal.rights) return false;
    const auto is_named = [&](const Role& role) { return role.name == name; };
    if (std::ranges::any_of(principal.rights->roles, is_named)) return true;
    const std::vector<Role>* roles = principal.rights->find_app_roles(app_of(resource));
    return roles != nullptr && std::ranges::any_of(*roles, is_named);
}

bool is_subject_of(const Principal& principal, std::string_view subject, const Resource& resource) {
    if (subject == "*") return true;
    if (subject == "anonymous") return principal.is_anonymous();
    const std::size_t colon = subject.find(':');
    const std::string_view kind = colon == subject.npos ? "user" : subject.substr(0, colon);
    const std::string_view id = colon == subject.npos ? subject : subject.substr(colon + 1);
    if (kind == "user") return principal.user.text() == id;
    if (kind == "key") return principal.key && principal.key->text() == id;
    if (kind == "app") return principal.app.text() == id;
    return has_role(principal, id, resource);
}

bool is_about(const Policy& policy, std::string_view permission, const Resource& resource) {
    const auto takes = [](const std::vector<std::string>& patterns, std::string_view text, auto is_in) {
        return std::ranges::any_of(patterns,
                                   [&](const std::string& pattern) { return is_in(text, pattern); });
    };
    return takes(policy.actions, permission, is_text_in) &&
           takes(policy.resources, resource.text(), is_resource_in);
}

// Whether a pattern takes some of what is in the repository, and not all of it.
bool is_about_part_of(std::string_view pattern, std::string_view repository) {
    for (const std::string_view type : {"package:", "repository:"}) {
        if (!pattern.starts_with(type)) continue;
        const std::string_view place = pattern.substr(type.size());
        return place.size() > repository.size() + 1 && place.starts_with(repository) &&
               place[repository.size()] == '/' && place.substr(repository.size() + 1) != "*";
    }
    return false;
}

std::optional<std::vector<std::string>> parse_field(std::string_view field, std::string_view json,
                                                    IsGoodText is_good, std::string_view form,
                                                    std::string& fault) {
    auto list = parse_text_list(json, is_good, form, fault);
    if (list && list->empty()) {
        fault = "is empty: it would never count";
        list.reset();
    }
    if (!list) fault = std::string(field) + " " + fault;
    return list;
}

}  // namespace

std::optional<Policy> parse_policy(const PolicyText& text, std::string& fault) {
    auto subjects = parse_field(
        "subjects", text.subjects, is_subject,
        "\"*\", \"anonymous\", a user's id, or one of \"user:\", \"role:\", \"key:\" and \"app:\" with an id",
        fault);
    if (!subjects) return std::nullopt;
    auto actions = parse_field("actions", text.actions, is_action_pattern,
                               "a permission like \"package:read\", \"package:*\" or \"*\"", fault);
    if (!actions) return std::nullopt;
    auto resources =
        parse_field("resources", text.resources, is_resource_pattern,
                    "a resource like \"repository:acme-npm\", \"repository:acme-*\" or \"*\"", fault);
    if (!resources) return std::nullopt;
    auto conditions = parse_conditions(text.conditions, fault);
    if (!conditions) {
        fault = fault.starts_with('[') ? "conditions" + fault : "conditions " + fault;
        return std::nullopt;
    }
    return Policy{.id = text.id,
                  .name = text.name,
                  .app = text.app,
                  .effect = text.effect,
                  .subjects = *std::move(subjects),
                  .actions = *std::move(actions),
                  .resources = *std::move(resources),
                  .conditions = *std::move(conditions)};
}

const Policy* find_evaded_policy(const PolicySet& set, std::string_view repository, const AppId& app) {
    const auto is_evaded = [&](const Policy& policy) {
        const auto is_reading = [&](const std::string& action) {
            return std::ranges::any_of(
                std::array<std::string_view, 3>{"package:list", "package:read", "package:download"},
                [&](std::string_view permission) { return is_text_in(permission, action); });
        };
        return policy.effect == PolicyEffect::deny && (!policy.app || *policy.app == app) &&
               std::ranges::count(policy.subjects, "*") == 0 &&
               std::ranges::count(policy.subjects, "anonymous") == 0 &&
               std::ranges::any_of(policy.actions, is_reading) &&
               std::ranges::any_of(policy.resources, [&](const std::string& pattern) {
                   return is_about_part_of(pattern, repository);
               });
    };
    const auto found = std::ranges::find_if(set.policies, is_evaded);
    return found == set.policies.end() ? nullptr : &*found;
}

bool names(const Policy& policy, const Principal& principal) {
    if (names_everywhere(policy, principal)) return true;
    if (!principal.rights) return false;
    return std::ranges::any_of(principal.rights->app_roles, [&](const auto& app) {
        return std::ranges::any_of(app.second, [&](const Role& role) {
            return std::ranges::count(policy.subjects, "role:" + role.name) > 0;
        });
    });
}

bool names_everywhere(const Policy& policy, const Principal& principal) {
    return std::ranges::any_of(
        policy.subjects, [&](const std::string& subject) { return is_subject_of(principal, subject, {}); });
}

bool applies(const Policy& policy, const Principal& principal, std::string_view permission,
             const Resource& resource, const Circumstances& circumstances) {
    if (policy.app && *policy.app != app_of(resource)) return false;
    if (!is_about(policy, permission, resource)) return false;
    const bool is_subject = std::ranges::any_of(policy.subjects, [&](const std::string& subject) {
        return is_subject_of(principal, subject, resource);
    });
    return is_subject && std::ranges::all_of(policy.conditions, [&](const Condition& condition) {
               return holds(condition, policy.effect, principal, resource, circumstances);
           });
}

bool denies_all(const Policy& policy, const Principal& principal, std::string_view permission,
                const Resource& all, const Circumstances& circumstances) {
    const auto is_about_each = [](const Condition& condition) {
        return condition.attribute.starts_with("resource.");
    };
    return policy.effect == PolicyEffect::deny && std::ranges::none_of(policy.conditions, is_about_each) &&
           applies(policy, principal, permission, all, circumstances);
}

bool may_allow_some(const Policy& policy, const Principal& principal, std::string_view permission,
                    const Resource& all) {
    const auto takes = [&](const std::string& action) { return is_text_in(permission, action); };
    const auto reaches = [&](const std::string& pattern) { return reaches_into(pattern, all.text()); };
    return policy.effect == PolicyEffect::allow && (!policy.app || *policy.app == app_of(all)) &&
           std::ranges::any_of(policy.actions, takes) && std::ranges::any_of(policy.resources, reaches) &&
           names(policy, principal);
}

bool may_tell_apart(const Policy& policy, std::string_view permission, const Resource& all) {
    const std::string text = all.text();
    const auto takes = [&](const std::string& action) { return is_text_in(permission, action); };
    const auto reaches = [&](const std::string& pattern) { return reaches_into(pattern, text); };
    const auto takes_all = [&](const std::string& pattern) { return is_resource_in(text, pattern); };
    const auto is_about_each = [](const Condition& condition) {
        return condition.attribute.starts_with("resource.");
    };
    if ((policy.app && *policy.app != app_of(all)) || std::ranges::none_of(policy.actions, takes) ||
        std::ranges::none_of(policy.resources, reaches))
        return false;
    return std::ranges::none_of(policy.resources, takes_all) ||
           std::ranges::any_of(policy.conditions, is_about_each);
}

}  // namespace lodestone::identity
