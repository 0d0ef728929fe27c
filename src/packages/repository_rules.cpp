// The rules of each kind. Formats and kinds never change, so that what was true of a member stays true; it
// may be deleted, or its app disabled, which whoever reads through a group finds out then.
#include "packages/repository_rules.hpp"

#include <algorithm>
#include <boost/describe/enum_to_string.hpp>
#include <boost/json/object.hpp>

#include "base/field_problem.hpp"
#include "http/message/url.hpp"
#include "identity/nouns/typed_json.hpp"
#include "packages/repository_settings.hpp"

namespace lodestone::packages {

namespace {

std::string name_of(RepositoryKind kind) {
    return boost::describe::enum_to_string(kind, "");
}

std::string list_kinds(const Format& format) {
    std::string names;
    for (const RepositoryKind kind : format.kinds) names += (names.empty() ? "" : " or ") + name_of(kind);
    return names;
}

bool means_something(std::string_view setting, RepositoryKind kind) {
    switch (kind) {
        case RepositoryKind::hosted:
            return setting == "overwrite" || setting == "quota" || setting == "retention";
        case RepositoryKind::proxy: return setting == "upstream" || setting == "quota";
        case RepositoryKind::group: return setting == "members";
    }
    return false;
}

void refuse_meaningless(const std::string& field, RepositoryKind kind) {
    throw field_problem(field,
                        "means nothing to a repository of the kind " + name_of(kind) + ": leave it out.");
}

std::optional<http::Url> find_upstream(const Repository& proxy) {
    const auto upstream = parse_repository_settings(proxy.settings).upstream;
    return upstream ? http::parse_url(upstream->url).url : std::nullopt;
}

std::vector<std::string> members_of(const Repository* group) {
    return group == nullptr ? std::vector<std::string>{} : parse_repository_settings(group->settings).members;
}

void check_member(const std::string& field, const Repository& group,
                  const std::optional<Repository>& member) {
    if (!member) throw field_problem(field, "must be the id of a repository of the same tenant.");
    if (member->format != group.format)
        throw field_problem(field, "must be a repository of the format " + group.format +
                                       ", and this one is of the format " + member->format + ".");
    if (member->kind == RepositoryKind::group)
        throw field_problem(field, "must not be a group: name its members instead.");
}

}  // namespace

void check_is_served(const Repository& repository, Formats formats) {
    const Format* const format = find_format(formats, repository.format);
    if (format == nullptr)
        throw field_problem("format", "must be one of: " + list_format_names(formats) + ".");
    if (!is_served(*format, repository.kind))
        throw field_problem("kind", "must be " + list_kinds(*format) + ": of the format " +
                                        repository.format + " no other kind is served yet.");
}

void check_settings_of_kind(const Repository& repository) {
    const RepositorySettings settings = parse_repository_settings(repository.settings);
    for (const auto& setting : identity::open_object("settings", repository.settings))
        if (!means_something(setting.key(), repository.kind))
            refuse_meaningless("settings." + std::string(setting.key()), repository.kind);
    if (repository.upstream_secret && repository.kind != RepositoryKind::proxy)
        refuse_meaningless("upstream_secret", repository.kind);
    if (repository.kind == RepositoryKind::proxy && !settings.upstream)
        throw field_problem("settings.upstream", "is missing: a proxy has to know where it fetches from.");
}

void check_secret_stays(const Repository& before, const Repository& after) {
    if (!after.upstream_secret || after.upstream_secret != before.upstream_secret) return;
    const std::optional<http::Url> from = find_upstream(before);
    const std::optional<http::Url> to = find_upstream(after);
    if (!from || !to || !http::has_same_origin(*from, *to))
        throw field_problem("upstream_secret",
                            "was given for another host than settings.upstream.url has now: send it again, "
                            "or null.");
}

std::vector<Repository> find_added_members(db::Tx& tx, const TenantId& tenant, const Repository& after,
                                           const Repository* before) {
    std::vector<Repository> added;
    if (after.kind != RepositoryKind::group) return added;
    const std::vector<std::string> had = members_of(before);
    const std::vector<std::string> wanted = members_of(&after);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (std::ranges::count(had, wanted[i]) > 0) continue;
        auto member = find_repository(tx, tenant, RepositoryId::trusted(wanted[i]));
        check_member("settings.members[" + std::to_string(i) + "]", after, member);
        added.push_back(*std::move(member));
    }
    return added;
}

std::string upstream_secret_place(const TenantId& tenant, const RepositoryId& repository) {
    return "upstream:" + tenant.text() + ":" + repository.text();
}

void check_takes_publications(RepositoryKind kind, std::string_view name) {
    if (kind != RepositoryKind::hosted)
        throw Problem(problems::conflict, "The repository " + std::string(name) + " is a " + name_of(kind) +
                                              " and takes no publications: publish to one of the kind "
                                              "hosted.");
}

}  // namespace lodestone::packages
