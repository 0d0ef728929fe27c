// As auditors read them: they make one of several that share an alias, and sort what is fixed in themselves.
#include "formats/pypi/vulnerabilities.hpp"

#include "base/json_text.hpp"
#include "base/time_text.hpp"
#include "formats/pypi/json_members.hpp"
#include "formats/pypi/pypi.hpp"
#include "formats/pypi/version.hpp"
#include "packages/find_advisories.hpp"
#include "packages/text_list.hpp"

namespace lodestone::formats::pypi {

const packages::Ecosystem ecosystem{
    .name = "PyPI", .compare_versions = compare_texts, .find_public_version = find_public_version};

std::optional<std::strong_ordering> compare_texts(std::string_view one, std::string_view other) {
    const auto left = parse_version(one);
    const auto right = parse_version(other);
    if (!left || !right) return std::nullopt;
    return compare_versions(*left, *right);
}

std::optional<std::string> find_public_version(std::string_view version) {
    auto parsed = parse_version(version);
    if (!parsed || parsed->local.empty()) return std::nullopt;
    parsed->local.clear();
    return render_version(*parsed);
}

std::string render_vulnerabilities(db::Tx& tx, std::string_view project, std::string_view version) {
    const packages::AskedPackage asked[] = {
        {.name = std::string(project), .versions = {std::string(version)}}};
    std::string out = "[";
    for (const packages::AdvisoryHit& hit :
         packages::find_advisories(tx, format(), asked, packages::AdvisoryText::whole)) {
        const packages::FoundAdvisory& advisory = hit.advisory;
        out += out.size() == 1 ? "{" : ",{";
        out += "\"aliases\":" + advisory.aliases;
        append_member(out, "details", advisory.details.empty() ? advisory.summary : advisory.details);
        out += ",\"fixed_in\":" + packages::render_text_list(list_fixed(hit.stretches, compare_texts));
        append_member(out, "id", advisory.id);
        append_member(out, "link", advisory.url);
        append_member(out, "source", "osv");
        // Auditors show it rather than the details wherever it is not null.
        out += ",\"summary\":";
        if (advisory.summary.empty())
            out += "null";
        else
            append_json_string(out, advisory.summary);
        if (advisory.published_at) append_member(out, "published", render_rfc3339(*advisory.published_at));
        out += ",\"withdrawn\":null}";
    }
    return out + ']';
}

}  // namespace lodestone::formats::pypi
