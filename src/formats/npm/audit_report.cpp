// Reports as npm 6, yarn 1 to 3 and pnpm show them. What to do about a finding is left to people ("review"):
// clients that could follow an advice work it out from the ranges themselves.
#include "formats/npm/audit_report.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "base/advisory_limits.hpp"
#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "base/time_text.hpp"
#include "formats/npm/advisories.hpp"
#include "packages/text_list.hpp"

namespace lodestone::formats::npm {

using packages::AdvisoryHit;

namespace {

constexpr std::array<std::string_view, 5> severities{"info", "low", "moderate", "high", "critical"};

// Ranges compare what an advisory names with its stretches, and these with each other.
void check_is_rendered_soon(const std::vector<AdvisoryHit>& hits) {
    std::uint64_t comparisons = 0;
    for (const AdvisoryHit& hit : hits)
        comparisons += hit.stretches.size() * (hit.version_keys.size() + hit.stretches.size());
    if (comparisons > limits::advisory_comparisons)
        throw Problem(problems::invalid_input,
                      "The ranges of what is known about these are too many: ask about fewer at once.");
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"" + std::string(name) + "\":";
    append_json_string(out, text);
}

std::string render_flags(const AuditTree::Place& place) {
    const auto flag = [](bool is_set) { return is_set ? "true" : "false"; };
    return std::string(",\"dev\":") + flag(place.is_dev) + ",\"optional\":" + flag(place.is_optional) +
           ",\"bundled\":" + flag(place.is_bundled);
}

std::string render_cves(const AdvisoryHit& hit) {
    std::vector<std::string> cves = packages::list_texts(hit.advisory.aliases);
    std::erase_if(cves, [](const std::string& alias) { return !alias.starts_with("CVE-"); });
    return packages::render_text_list(cves);
}

// The first ones of a place, as many as the report still has room for.
std::span<const std::string> take_paths(const AuditTree::Place& place, std::size_t& room) {
    const auto taken = std::span(place.paths).first(std::min(room, place.paths.size()));
    room -= taken.size();
    return taken;
}

std::string render_findings(const AdvisoryHit& hit, const AuditTree::Places& places, std::size_t& room) {
    std::string out = "[";
    for (const std::string& version : hit.versions) {
        const AuditTree::Place& place = places.at({hit.name, version});
        out += out.size() == 1 ? "{" : ",{";
        out += "\"version\":";
        append_json_string(out, version);
        out +=
            ",\"paths\":" + packages::render_text_list(take_paths(place, room)) + render_flags(place) + '}';
    }
    return out + ']';
}

std::string render_reported(const AdvisoryHit& hit, const AuditTree::Places& places, std::size_t& room) {
    const packages::FoundAdvisory& advisory = hit.advisory;
    std::string out = render_advisory(hit);
    append_text(out, "module_name", hit.name);
    out += ",\"findings\":" + render_findings(hit, places, room) + ",\"cves\":" + render_cves(hit);
    append_text(out, "patched_versions", render_patched_range(hit));
    append_text(out, "created", render_rfc3339(advisory.published_at.value_or(advisory.modified_at)));
    append_text(out, "updated", render_rfc3339(advisory.modified_at));
    append_text(out, "overview", advisory.summary);
    append_text(out, "recommendation", "");
    append_text(out, "references", advisory.url);
    append_text(out, "access", "public");
    if (advisory.id.starts_with("GHSA-")) append_text(out, "github_advisory_id", advisory.id);
    return out + R"(,"deleted":null,"found_by":{"name":""},"reported_by":{"name":""},"metadata":null})";
}

std::string render_action(const AdvisoryHit& hit, const AuditTree::Places& places, std::size_t& room) {
    std::string out = R"({"action":"review","isMajor":false)";
    append_text(out, "module", hit.name);
    std::string resolves;
    const std::string number = std::to_string(advisory_number(hit));
    for (const std::string& version : hit.versions) {
        const AuditTree::Place& place = places.at({hit.name, version});
        for (const std::string& path : take_paths(place, room)) {
            resolves += (resolves.empty() ? "{\"id\":" : ",{\"id\":") + number;
            append_text(resolves, "path", path);
            resolves += render_flags(place) + '}';
        }
    }
    return out + ",\"resolves\":[" + resolves + "]}";
}

std::string render_counts(const AuditTree& tree, const std::vector<AdvisoryHit>& hits,
                          const AuditTree::Places& places) {
    std::map<std::string_view, std::int64_t> found;
    for (const AdvisoryHit& hit : hits)
        for (const std::string& version : hit.versions)
            found[severity_of(hit)] += places.at({hit.name, version}).count;
    std::string out = "{\"vulnerabilities\":";
    for (const std::string_view severity : severities) {
        out += severity == severities.front() ? "{\"" : ",\"";
        out += std::string(severity) + "\":" + std::to_string(found[severity]);
    }
    const AuditTree::Counts counts = tree.count();
    return out + "},\"dependencies\":" + std::to_string(counts.dependencies) +
           ",\"devDependencies\":" + std::to_string(counts.dev) +
           ",\"optionalDependencies\":" + std::to_string(counts.optional) +
           ",\"totalDependencies\":" + std::to_string(counts.dependencies + counts.dev + counts.optional) +
           '}';
}

}  // namespace

std::string render_audit_report(const AuditTree& tree, const std::vector<AdvisoryHit>& hits) {
    check_is_rendered_soon(hits);
    AuditTree::Places places;
    for (const AdvisoryHit& hit : hits)
        for (const std::string& version : hit.versions) places.try_emplace({hit.name, version});
    tree.find_places(places);
    std::string actions;
    std::string advisories;
    // Each path stands twice in a report, and both run out of them at the same place.
    std::size_t action_room = limits::npm_audit_all_paths / 2;
    std::size_t finding_room = action_room;
    for (const AdvisoryHit& hit : hits) {
        if (!actions.empty()) actions += ',';
        actions += render_action(hit, places, action_room);
        advisories += (advisories.empty() ? "\"" : ",\"") + std::to_string(advisory_number(hit)) +
                      "\":" + render_reported(hit, places, finding_room);
    }
    return "{\"actions\":[" + actions + "],\"advisories\":{" + advisories +
           "},\"muted\":[],\"metadata\":" + render_counts(tree, hits, places) + "}\n";
}

std::string render_bulk_advisories(const std::vector<AdvisoryHit>& hits) {
    check_is_rendered_soon(hits);
    std::string out = "{";
    for (std::size_t i = 0; i < hits.size(); ++i) {
        const bool is_same = i > 0 && hits[i].name == hits[i - 1].name;
        if (!is_same) {
            if (i > 0) out += "],";
            append_json_string(out, hits[i].name);
            out += ":[";
        }
        out += (is_same ? "," : "") + render_advisory(hits[i]) + '}';
    }
    return out + (hits.empty() ? "}\n" : "]}\n");
}

}  // namespace lodestone::formats::npm
