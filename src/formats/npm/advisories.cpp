// Ranges are joined from stretches that were compared here, so that clients come to the same answer.
#include "formats/npm/advisories.hpp"

#include <algorithm>
#include <cmath>

#include "base/digest.hpp"
#include "base/json_text.hpp"
#include "formats/npm/version.hpp"
#include "packages/advisories/cvss.hpp"

namespace lodestone::formats::npm {

using packages::AdvisoryHit;
using packages::VersionStretch;

namespace {

// Numbers that are missing are 0: records are written by people.
std::optional<SemanticVersion> parse_loosely(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of("v= "), text.size()));
    if (auto version = parse_version(text)) return version;
    const std::size_t end = std::min(text.find_first_of("-+"), text.size());
    std::string whole(text.substr(0, end));
    for (auto dots = std::ranges::count(whole, '.'); dots < 2; ++dots) whole += ".0";
    return parse_version(whole + std::string(text.substr(end)));
}

std::string tidy(std::string_view version) {
    const auto parsed = parse_loosely(version);
    return parsed ? render_version(*parsed) : std::string(version);
}

std::string render_stretch(const VersionStretch& stretch) {
    std::string text = stretch.from.empty() ? "" : ">=" + tidy(stretch.from);
    if (stretch.end == VersionStretch::End::none) return text.empty() ? "*" : text;
    const bool is_through = stretch.end == VersionStretch::End::through;
    if (is_through && stretch.from == stretch.to) return tidy(stretch.to);
    if (!text.empty()) text += ' ';
    return text + (is_through ? "<=" : "<") + tidy(stretch.to);
}

void append_alternative(std::string& text, std::string_view more) {
    if (!text.empty()) text += " || ";
    text += more;
}

}  // namespace

const packages::Ecosystem ecosystem{.name = "npm", .compare_versions = compare_loosely};

std::optional<std::strong_ordering> compare_loosely(std::string_view one, std::string_view other) {
    const auto left = parse_loosely(one);
    const auto right = parse_loosely(other);
    if (!left || !right) return std::nullopt;
    return compare_versions(*left, *right);
}

std::string render_affected_range(const AdvisoryHit& hit) {
    std::string text;
    for (const VersionStretch& stretch : hit.stretches) append_alternative(text, render_stretch(stretch));
    for (const std::string& version : hit.version_keys) {
        const auto has = [&](const VersionStretch& stretch) {
            return is_within(stretch, version, compare_loosely);
        };
        if (parse_version(version) && std::ranges::none_of(hit.stretches, has))
            append_alternative(text, version);
    }
    return text;
}

std::string render_patched_range(const AdvisoryHit& hit) {
    std::string text;
    for (const std::string& fixed : list_fixed(hit.stretches, compare_loosely)) {
        const VersionStretch* next = nullptr;  // the first that begins behind it
        for (const VersionStretch& stretch : hit.stretches) {
            if (stretch.from.empty() || compare_loosely(stretch.from, fixed) != std::strong_ordering::greater)
                continue;
            if (next == nullptr || compare_loosely(stretch.from, next->from) == std::strong_ordering::less)
                next = &stretch;
        }
        append_alternative(text,
                           ">=" + tidy(fixed) + (next == nullptr ? std::string() : " <" + tidy(next->from)));
    }
    return text.empty() ? "<0.0.0" : text;
}

std::uint64_t advisory_number(const AdvisoryHit& hit) {
    Sha256Digest digest;
    digest.add(hit.advisory.id);
    digest.add(std::string_view("\0", 1));
    digest.add(hit.advisory.name_key);
    const Sha256 sum = digest.finish();
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 6; ++i) number = number << 8 | sum[i];
    return number;
}

std::string_view severity_of(const AdvisoryHit& hit) {
    return hit.advisory.severity.empty() ? "high" : std::string_view(hit.advisory.severity);
}

std::string render_advisory(const AdvisoryHit& hit) {
    const packages::FoundAdvisory& advisory = hit.advisory;
    std::string out = "{\"id\":" + std::to_string(advisory_number(hit)) + ",\"url\":";
    append_json_string(out, advisory.url.empty() ? advisory.id : advisory.url);
    out += ",\"title\":";
    append_json_string(out, advisory.summary.empty() ? advisory.id : advisory.summary);
    out += ",\"severity\":\"" + std::string(severity_of(hit)) + "\",\"vulnerable_versions\":";
    append_json_string(out, render_affected_range(hit));
    out += ",\"cwe\":" + advisory.cwes + ",\"cvss\":{\"score\":";
    const double score = packages::score_cvss(advisory.cvss_vector).value_or(0);
    const auto tenths = std::lround(score * 10);
    out += std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + ",\"vectorString\":";
    if (advisory.cvss_vector.empty())
        out += "null";
    else
        append_json_string(out, advisory.cvss_vector);
    return out + '}';
}

}  // namespace lodestone::formats::npm
