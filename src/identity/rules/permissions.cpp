// The catalogue as a table that is checked while it is compiled, and questions about it.
#include "identity/rules/permissions.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lodestone::identity {

namespace {

constexpr auto people = std::to_array<Permission>({
    {"tenant:create", "Make a tenant; platform administrators only."},
    {"tenant:list", "List tenants; platform administrators only."},
    {"tenant:read", "See a tenant, its configuration and its settings."},
    {"tenant:update", "Change a tenant's name, configuration and settings."},
    {"tenant:limit", "Set how many users and apps a tenant may have; platform administrators only."},
    {"tenant:suspend", "Suspend a tenant, and let it work again."},
    {"tenant:transfer", "Give a tenant another owner."},
    {"tenant:delete", "Delete a tenant."},
    {"tenant:restore", "Bring a deleted tenant back."},
    {"platform_admin:create", "Make somebody a platform administrator."},
    {"platform_admin:list", "List the platform administrators."},
    {"platform_admin:delete", "Take somebody's platform administration away."},
    {"advisory:list", "See how many advisories there are; platform administrators only."},
    {"advisory:import", "Import advisories; platform administrators only."},
    {"app:create", "Make an app."},
    {"app:list", "List apps."},
    {"app:read", "See an app."},
    {"app:update", "Change an app."},
    {"app:suspend", "Suspend an app, and let it work again."},
    {"app:delete", "Delete an app."},
    {"app:restore", "Bring a deleted app back."},
    {"branch:create", "Make a branch of an app."},
    {"branch:list", "List an app's branches."},
    {"branch:read", "See a branch."},
    {"branch:update", "Change a branch."},
    {"branch:delete", "Delete a branch."},
    {"branch:restore", "Bring a deleted branch back."},
    {"user:create", "Make a user."},
    {"user:list", "List users."},
    {"user:read", "See a user."},
    {"user:update", "Change a user."},
    {"user:suspend", "Suspend a user, and let them work again."},
    {"user:reset", "Make a link with which a user chooses a new password, or take away the second factor."},
    {"user:delete", "Delete a user."},
    {"user:restore", "Bring a deleted user back."},
    {"profile:update", "Change one's own name, e-mail address and telephone number."},
    {"password:change", "Change one's own password."},
    {"second_factor:change", "Set up and remove one's own second factor."},
    {"user_identity:create", "Note as whom another provider knows a user."},
    {"user_identity:list", "List as whom other providers know a user."},
    {"user_identity:read", "See as whom another provider knows a user."},
    {"user_identity:update", "Change as whom another provider knows a user."},
    {"user_identity:delete", "Forget as whom another provider knows a user."},
    {"membership:create", "Let a user into an app."},
    {"membership:list", "List who may use an app, and which apps a user may use."},
    {"membership:read", "See a membership."},
    {"membership:update", "Change somebody's role in an app."},
    {"membership:delete", "Take an app away from a user."},
});

constexpr auto access = std::to_array<Permission>({
    {"role:create", "Make a role."},
    {"role:list", "List roles."},
    {"role:read", "See a role."},
    {"role:update", "Change what a role allows."},
    {"role:assign", "Give a user a role in the whole tenant, or take it away."},
    {"role:delete", "Delete a role."},
    {"role:restore", "Bring a deleted role back."},
    {"policy:create", "Make a policy."},
    {"policy:list", "List policies."},
    {"policy:read", "See a policy."},
    {"policy:update", "Change a policy."},
    {"policy:delete", "Delete a policy."},
    {"policy:restore", "Bring a deleted policy back."},
    {"decision:explain", "Ask what somebody else may do, and why."},
    {"key:create", "Make a key."},
    {"key:list", "List keys."},
    {"key:read", "See a key, but never its text."},
    {"key:update", "Change a key's name, scopes, networks and end."},
    {"key:rotate", "Replace a key by a new one."},
    {"key:revoke", "Make a key worthless."},
    {"session:list", "List sessions."},
    {"session:read", "See a session."},
    {"session:revoke", "End a session."},
    {"invitation:create", "Invite somebody."},
    {"invitation:list", "List invitations."},
    {"invitation:read", "See an invitation, but never its text."},
    {"invitation:revoke", "Take an invitation back."},
    {"provider:create", "Add a provider that people sign in with."},
    {"provider:list", "List the providers that people sign in with."},
    {"provider:read", "See a provider, but never its secret."},
    {"provider:update", "Change a provider."},
    {"provider:delete", "Remove a provider."},
    {"publisher:create", "Trust a pipeline to publish."},
    {"publisher:list", "List the pipelines that may publish."},
    {"publisher:read", "See a pipeline that may publish."},
    {"publisher:delete", "Trust a pipeline no more."},
    {"audit:list", "Search the audit log."},
    {"audit:export", "Take the audit log out."},
    {"repository:create", "Make a repository."},
    {"repository:list", "List repositories."},
    {"repository:read", "See a repository."},
    {"repository:update", "Change a repository."},
    {"repository:delete", "Delete a repository."},
    {"repository:restore", "Bring a deleted repository back."},
    {"package:list", "List and search packages."},
    {"package:read", "See a package and its versions."},
    {"package:download", "Fetch a package's files."},
    {"package:stage", "Send a version that somebody else is to publish.", "package:publish"},
    {"package:publish", "Publish a version, also one that somebody else has sent."},
    {"package:update", "Change tags, marks and descriptions of what is published."},
    {"package:delete", "Delete a version."},
    {"package:restore", "Bring a deleted version back."},
});

// For what is still to come; a part that comes moves its own up.
constexpr auto artefacts = std::to_array<Permission>({
    {"service:create", "Register a service."},
    {"service:list", "List services."},
    {"service:read", "See a service and its health."},
    {"service:update", "Change a service and where it runs."},
    {"service:delete", "Delete a service."},
    {"service:restore", "Bring a deleted service back."},
    {"template:list", "List templates."},
    {"template:read", "See a template."},
    {"template:publish", "Publish a template."},
    {"template:update", "Change a template's description."},
    {"template:delete", "Delete a template."},
    {"project:create", "Make a project from a template."},
    {"project:list", "List projects."},
    {"project:read", "See a project and its history."},
    {"project:update", "Bring a project up to date."},
    {"project:delete", "Delete a project."},
});

constexpr auto catalogue = [] {
    std::array<Permission, people.size() + access.size() + artefacts.size()> all{};
    auto* end = std::ranges::copy(people, all.begin()).out;
    end = std::ranges::copy(access, end).out;
    std::ranges::copy(artefacts, end);
    return all;
}();

// For finding them, which every request does: by length at first, since numbers are compared fastest.
constexpr auto rank_of(std::string_view name) {
    return std::pair(name.size(), name);
}
constexpr auto ranked = [] {
    auto sorted = catalogue;
    std::ranges::sort(sorted, {}, [](const Permission& known) { return rank_of(known.name); });
    return sorted;
}();

constexpr bool is_word(std::string_view text) {
    for (const char c : text)
        if ((c < 'a' || c > 'z') && c != '_') return false;
    return !text.empty();
}

constexpr bool is_good_catalogue() {
    for (std::size_t i = 0; i < std::size(catalogue); ++i) {
        const std::string_view name = catalogue[i].name;
        const std::size_t colon = name.find(':');
        if (colon == name.npos || !is_word(name.substr(0, colon)) || !is_word(name.substr(colon + 1)))
            return false;
        if (!catalogue[i].meaning.ends_with('.')) return false;
        for (std::size_t j = 0; j < i; ++j)
            if (catalogue[j].name == name) return false;
    }
    return true;
}
static_assert(is_good_catalogue(), "each is word:word with a sentence, and stands once");

constexpr auto public_reading = std::to_array<std::string_view>(
    {"repository:read", "package:list", "package:read", "package:download", "service:read", "template:read"});
constexpr auto for_oneself = std::to_array<std::string_view>({
    "user:read",
    "profile:update",
    "password:change",
    "second_factor:change",
    "user_identity:list",
    "key:create",
    "key:list",
    "key:read",
    "key:update",
    "key:rotate",
    "key:revoke",
    "session:list",
    "session:read",
    "session:revoke",
    "membership:list",
});

constexpr bool is_in_catalogue(std::string_view name) {
    for (const Permission& permission : catalogue)
        if (permission.name == name) return true;
    return false;
}
static_assert(std::ranges::all_of(public_reading, is_in_catalogue) &&
              std::ranges::all_of(for_oneself, is_in_catalogue));
static_assert(std::ranges::all_of(catalogue, [](const Permission& known) {
    return known.contained_in.empty() || is_in_catalogue(known.contained_in);
}));

}  // namespace

std::span<const Permission> all_permissions() {
    return catalogue;
}

std::span<const Permission> permissions_in_use() {
    return std::span(catalogue).first(people.size() + access.size());
}

const Permission* find_permission(std::string_view name) {
    const auto* found = std::ranges::lower_bound(ranked, rank_of(name), {},
                                                 [](const Permission& known) { return rank_of(known.name); });
    return found == ranked.end() || found->name != name ? nullptr : found;
}

bool is_resource_type(std::string_view type) {
    return std::ranges::any_of(catalogue, [&](const Permission& known) { return known.type() == type; });
}

bool is_public_reading(std::string_view permission) {
    return std::ranges::count(public_reading, permission) > 0;
}

std::span<const std::string_view> permissions_for_oneself() {
    return for_oneself;
}

bool is_for_oneself(std::string_view permission) {
    return std::ranges::count(for_oneself, permission) > 0;
}

}  // namespace lodestone::identity
