// The evaluation that https://ossf.github.io/osv-schema/#evaluation describes, done once for all versions.
#include "packages/advisories/affected.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/json_text.hpp"
#include "base/strict_json.hpp"

namespace lodestone::packages {

namespace json = boost::json;

namespace {

bool is_beginning(const RangeEvent& event) {
    return event.kind == RangeEventKind::introduced && event.version == "0";
}

bool is_before(const RangeEvent& one, const RangeEvent& other, CompareVersions compare) {
    if (is_beginning(one) || is_beginning(other)) return is_beginning(one) && !is_beginning(other);
    return compare(one.version, other.version) == std::strong_ordering::less;
}

// In order, and each says a version. Of those with one version, the first stays the first.
EventRange sort_events(const EventRange& range, CompareVersions compare) {
    EventRange events;
    for (RangeEvent event : range) {
        if (!is_beginning(event) && !compare(event.version, event.version)) {
            if (event.kind != RangeEventKind::introduced) continue;
            event.version = "0";
        }
        const auto place = std::ranges::upper_bound(
            events, event,
            [&](const RangeEvent& one, const RangeEvent& other) { return is_before(one, other, compare); });
        events.insert(place, std::move(event));
    }
    return events;
}

void add_stretches(const EventRange& range, CompareVersions compare, std::vector<VersionStretch>& stretches) {
    bool is_within = false;
    VersionStretch open;
    for (const RangeEvent& event : sort_events(range, compare)) {
        if (event.kind == RangeEventKind::introduced) {
            if (!is_within) open = {.from = is_beginning(event) ? std::string() : event.version};
            is_within = true;
            continue;
        }
        if (!is_within) continue;
        is_within = false;
        open.end = event.kind == RangeEventKind::last_affected ? VersionStretch::End::through
                                                               : VersionStretch::End::before;
        open.to = event.version;
        open.is_fixed = event.kind == RangeEventKind::fixed;
        stretches.push_back(open);
    }
    if (is_within) stretches.push_back(open);
}

EventRange parse_range(const json::value& value) {
    EventRange range;
    if (!value.is_array()) return range;
    for (const json::value& event : value.get_array()) {
        if (!event.is_object()) continue;
        for (const auto& [name, version] : event.get_object())
            if (const auto kind = find_range_event(name); kind && version.is_string())
                range.push_back({.kind = *kind, .version = std::string(version.get_string())});
    }
    return range;
}

}  // namespace

std::string render_affected(const AffectedVersions& affected) {
    std::string out = "{\"ranges\":[";
    for (const EventRange& range : affected.ranges) {
        out += out.ends_with('[') ? "[" : ",[";
        for (const RangeEvent& event : range) {
            out += out.ends_with('[') ? "{\"" : ",{\"";
            out += range_event_name(event.kind);
            out += "\":";
            append_json_string(out, event.version);
            out += '}';
        }
        out += ']';
    }
    out += "],\"versions\":[";
    for (const std::string& key : affected.version_keys) {
        if (!out.ends_with('[')) out += ',';
        append_json_string(out, key);
    }
    return out + "]}";
}

AffectedVersions parse_affected_versions(std::string_view text) {
    AffectedVersions affected;
    const StrictJson document = parse_strict_json(text, text.size());
    if (!document.object) return affected;
    const json::value* ranges = document.object->if_contains("ranges");
    if (ranges != nullptr && ranges->is_array())
        for (const json::value& one : ranges->get_array()) affected.ranges.push_back(parse_range(one));
    const json::value* versions = document.object->if_contains("versions");
    if (versions != nullptr && versions->is_array())
        for (const json::value& one : versions->get_array())
            if (one.is_string()) affected.version_keys.emplace_back(one.get_string());
    return affected;
}

std::vector<VersionStretch> list_stretches(const AffectedVersions& affected, CompareVersions compare) {
    std::vector<VersionStretch> stretches;
    for (const EventRange& range : affected.ranges) add_stretches(range, compare, stretches);
    return stretches;
}

bool is_within(const VersionStretch& stretch, std::string_view version, CompareVersions compare) {
    if (!stretch.from.empty()) {
        const auto order = compare(version, stretch.from);
        if (!order || *order == std::strong_ordering::less) return false;
        if (stretch.end == VersionStretch::End::none) return true;
    }
    if (stretch.end == VersionStretch::End::none) return compare(version, version).has_value();
    const auto order = compare(version, stretch.to);
    return order == std::strong_ordering::less ||
           (order == std::strong_ordering::equal && stretch.end == VersionStretch::End::through);
}

bool is_within(const VersionStretch& stretch, std::string_view version, const Ecosystem& ecosystem) {
    if (is_within(stretch, version, ecosystem.compare_versions)) return true;
    if (stretch.end != VersionStretch::End::through) return false;
    const auto built_of = find_public_version(ecosystem, version);
    return built_of && ecosystem.compare_versions(*built_of, stretch.to) == std::strong_ordering::equal;
}

std::optional<std::string> find_public_version(const Ecosystem& ecosystem, std::string_view version) {
    return ecosystem.find_public_version == nullptr ? std::nullopt : ecosystem.find_public_version(version);
}

std::vector<std::string> list_fixed(const std::vector<VersionStretch>& stretches, CompareVersions compare) {
    std::vector<std::string> fixed;
    for (const VersionStretch& stretch : stretches)
        if (stretch.is_fixed) fixed.push_back(stretch.to);
    std::ranges::sort(fixed, [&](const std::string& one, const std::string& other) {
        return compare(one, other) == std::strong_ordering::less;
    });
    const auto [first, last] = std::ranges::unique(fixed);
    fixed.erase(first, last);
    return fixed;
}

}  // namespace lodestone::packages
