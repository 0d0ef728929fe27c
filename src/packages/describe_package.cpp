// Two who describe a package, and whose word counts.
#include "packages/describe_package.hpp"

#include <algorithm>
#include <utility>

#include "base/field_problem.hpp"
#include "base/json_text.hpp"
#include "base/package_limits.hpp"
#include "base/utf8.hpp"
#include "db/changed_fields.hpp"
#include "packages/index_changes.hpp"
#include "packages/search.hpp"
#include "packages/text_list.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

// `own` is people's word, `shown` what everybody sees, `published` what lies behind it.
void set(std::string& shown, std::optional<std::string>& published, std::optional<std::string> own) {
    if (own) {
        if (!published) published = shown;
        shown = *std::move(own);
    } else if (published) {
        shown = *std::exchange(published, std::nullopt);
    }
}

void take_published(std::string& shown, std::optional<std::string>& published, std::string said) {
    (published ? *published : shown) = std::move(said);
}

void check_keywords(const Package& package) {
    const std::vector<std::string> keywords = list_texts(package.keywords);
    if (keywords.size() > limits::package_keywords)
        throw field_problem("keywords",
                            "must have at most " + std::to_string(limits::package_keywords) + " items.");
    for (std::size_t i = 0; i < keywords.size(); ++i) {
        const std::string field = "keywords[" + std::to_string(i) + "]";
        if (keywords[i].size() > limits::keyword_bytes)
            throw field_problem(field, "is too long: " + std::to_string(limits::keyword_bytes) +
                                           " bytes of UTF-8 are the most.");
        db::check_name("keyword", keywords[i], field);
        if (std::ranges::find(keywords, keywords[i]) - keywords.begin() != static_cast<std::ptrdiff_t>(i))
            throw field_problem(field, "repeats \"" + keywords[i] + "\": leave it out.");
    }
}

void record(Tx& tx, const DescribedIn& in, const Package& before, const Package& after) {
    std::string details = "{\"repository\":";
    append_json_string(details, in.repository->name);
    details += ",\"package\":";
    append_json_string(details, after.name);
    const std::string changes = db::render_changes(before, after);
    if (changes.size() > 2) details += ',';  // more than "{}"
    tx.record({.action = "package.update",
               .tenant = in.tenant.text(),
               .subject = after.id.text(),
               .details = details + changes.substr(1),
               .stale_indexes = stale_indexes(*in.repository, after.name_key)});
}

}  // namespace

void set_description(Package& package, std::optional<std::string> description) {
    set(package.description, package.published_description, std::move(description));
}

void set_keywords(Package& package, const std::optional<std::vector<std::string>>& keywords) {
    std::optional<std::string> list;
    if (keywords) list = render_text_list(*keywords);
    set(package.keywords, package.published_keywords, std::move(list));
}

void take_published_description(Package& package, std::string_view description) {
    take_published(package.description, package.published_description,
                   std::string(cut_text(description, limits::description_bytes)));
}

void take_published_keywords(Package& package, const std::vector<std::string>& keywords) {
    std::vector<std::string> fine;
    for (const std::string& keyword : keywords)
        if (!keyword.empty() && keyword.size() <= limits::keyword_bytes &&
            fine.size() < limits::package_keywords && std::ranges::count(fine, keyword) == 0)
            fine.push_back(keyword);
    take_published(package.keywords, package.published_keywords, render_text_list(fine));
}

Package describe_package(Tx& tx, const DescribedIn& in, Package package) {
    const RepositoryPlace place{in.tenant, in.repository->id};
    const Package before = db::expect_version(find_package(tx, place, package.id), package, "package");
    // What publications say nobody here has written.
    if (package.published_keywords && package.keywords != before.keywords) check_keywords(package);
    db::check_metadata(package.metadata);
    update_package(tx, place, package);
    if (before.description != package.description || before.keywords != package.keywords)
        index_package(tx, in.tenant, package);
    record(tx, in, before, package);
    return package;
}

}  // namespace lodestone::packages
