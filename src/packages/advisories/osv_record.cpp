// From JSON to the record: what decides is checked, what people read is cut, and the rest is passed over.
#include "packages/advisories/osv_record.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/advisory_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"

namespace lodestone::packages {

namespace json = boost::json;

namespace {

constexpr std::array<std::pair<std::string_view, RangeEventKind>, 4> event_names{
    {{"introduced", RangeEventKind::introduced},
     {"fixed", RangeEventKind::fixed},
     {"last_affected", RangeEventKind::last_affected},
     {"limit", RangeEventKind::limit}}};

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(problems::invalid_input, "The record " + what + ".");
}

std::string_view text_of(const json::value& value) {
    return value.is_string() ? std::string_view(value.get_string()) : std::string_view();
}

std::string_view find_text(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found == nullptr ? std::string_view() : text_of(*found);
}

const json::object* find_object(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

// Absent or null is the same as empty; another type is refused.
const json::array& list_in(const json::object& object, std::string_view name) {
    static const json::array none;
    const json::value* found = object.if_contains(name);
    if (found == nullptr || found->is_null()) return none;
    if (!found->is_array()) refuse("has " + std::string(name) + " that is no list");
    return found->get_array();
}

// For people: without NUL, which no database takes, and no longer than that.
std::string for_people(std::string_view text, std::size_t limit_bytes) {
    std::string kept(cut_text(text, limit_bytes));
    std::erase(kept, '\0');
    return kept;
}

std::string need_short(std::string_view text, std::string_view what, std::size_t limit_bytes) {
    if (text.empty() || text.size() > limit_bytes || text.find('\0') != text.npos)
        refuse("has no " + std::string(what) + " of 1 to " + std::to_string(limit_bytes) + " bytes");
    return std::string(text);
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= limits::advisory_id_bytes && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '.' || c == '_' || c == ':';
    });
}

// Fractions of a second are cut to the six digits that are kept.
std::optional<Time> parse_time(std::string_view text) {
    constexpr std::size_t whole = std::string_view("2027-01-15T08:00:00").size();
    if (text.size() <= whole || text[whole] != '.') return parse_rfc3339(text);
    std::string shorter(text.substr(0, whole));
    std::size_t end = whole + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    shorter += text.substr(whole, std::min<std::size_t>(end - whole, 7));
    shorter += text.substr(end);
    return parse_rfc3339(shorter);
}

std::optional<Time> find_time(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    if (found == nullptr || found->is_null()) return std::nullopt;
    const auto time = parse_time(text_of(*found));
    if (!time) refuse("has " + std::string(name) + " that is no time such as 2027-01-15T08:00:00Z");
    return time;
}

std::vector<std::string> short_texts(const json::array& list, std::size_t most) {
    std::vector<std::string> texts;
    for (const json::value& one : list) {
        const std::string_view text = text_of(one);
        if (is_id(text) && texts.size() < most) texts.emplace_back(text);
    }
    return texts;
}

// What the database that it comes from calls it; all of them mean the same four.
std::string parse_severity(std::string_view text) {
    std::string lower;
    for (const char c : text.substr(0, 16))
        lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    if (lower == "medium") return "moderate";
    static constexpr std::array<std::string_view, 4> known{"low", "moderate", "high", "critical"};
    return std::ranges::count(known, lower) > 0 ? lower : std::string();
}

std::string choose_vector(const json::array& severities) {
    std::string chosen;
    bool is_third = false;
    for (const json::value& one : severities) {
        if (!one.is_object()) continue;
        const std::string_view type = find_text(one.get_object(), "type");
        const std::string_view vector = find_text(one.get_object(), "score");
        const bool is_vector = type.starts_with("CVSS") && !vector.empty() &&
                               vector.size() <= limits::advisory_vector_bytes &&
                               vector.find('\0') == vector.npos;
        if (!is_vector || is_third) continue;
        is_third = type == "CVSS_V3";
        chosen = vector;
    }
    return chosen;
}

// Where it is described, rather than where it was reported or mended.
std::string choose_url(const json::array& references) {
    static constexpr std::array<std::string_view, 4> liked{"ADVISORY", "WEB", "ARTICLE", "REPORT"};
    for (const std::string_view type : liked)
        for (const json::value& one : references) {
            if (!one.is_object() || find_text(one.get_object(), "type") != type) continue;
            const std::string_view url = find_text(one.get_object(), "url");
            const bool is_url = (url.starts_with("https://") || url.starts_with("http://")) &&
                                url.size() <= limits::advisory_url_bytes &&
                                std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f; });
            if (is_url) return std::string(url);
        }
    return {};
}

EventRange parse_events(const json::object& range) {
    EventRange events;
    for (const json::value& one : list_in(range, "events")) {
        if (!one.is_object()) refuse("has an event that is no object");
        for (const auto& [name, version] : one.get_object()) {
            const auto kind = find_range_event(name);
            // Without end, that is.
            if (!kind || (kind == RangeEventKind::limit && text_of(version) == "*")) continue;
            events.push_back({.kind = *kind,
                              .version = need_short(text_of(version), "version in an event",
                                                    limits::advisory_version_bytes)});
        }
    }
    return events;
}

// Some databases write the last version that they know to be affected beside the range: "<= 1.2.3".
std::optional<RangeEvent> find_last_known(const json::object& affected) {
    const json::object* more = find_object(affected, "database_specific");
    if (more == nullptr) return std::nullopt;
    std::string_view text = find_text(*more, "last_known_affected_version_range");
    if (!text.starts_with('<')) return std::nullopt;
    text.remove_prefix(1);
    const bool is_inclusive = text.starts_with('=');
    if (is_inclusive) text.remove_prefix(1);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty() || text.size() > limits::advisory_version_bytes || text.find('\0') != text.npos)
        return std::nullopt;
    return RangeEvent{.kind = is_inclusive ? RangeEventKind::last_affected : RangeEventKind::limit,
                      .version = std::string(text)};
}

bool is_open(const EventRange& range) {
    return std::ranges::all_of(
        range, [](const RangeEvent& event) { return event.kind == RangeEventKind::introduced; });
}

// Nothing: it is about commits alone.
std::optional<OsvAffected> parse_affected(const json::value& value) {
    if (!value.is_object()) refuse("has something affected that is no object");
    const json::object& said = value.get_object();
    const json::object* package = find_object(said, "package");
    if (package == nullptr) return std::nullopt;
    OsvAffected affected{
        .ecosystem = need_short(find_text(*package, "ecosystem"), "ecosystem of a package",
                                limits::advisory_name_bytes),
        .name = need_short(find_text(*package, "name"), "name of a package", limits::advisory_name_bytes),
        .ranges = {},
        .versions = {}};
    affected.ecosystem.resize(std::min(affected.ecosystem.find(':'), affected.ecosystem.size()));
    std::size_t events = 0;
    for (const json::value& one : list_in(said, "ranges")) {
        if (!one.is_object()) refuse("has a range that is no object");
        const std::string_view type = find_text(one.get_object(), "type");
        if (type != "SEMVER" && type != "ECOSYSTEM") continue;
        EventRange range = parse_events(one.get_object());
        if (const auto last = find_last_known(said); last && is_open(range)) range.push_back(*last);
        events += range.size();
        if (!range.empty()) affected.ranges.push_back(std::move(range));
    }
    const json::array& versions = list_in(said, "versions");
    if (events > limits::advisory_events || versions.size() > limits::advisory_versions)
        refuse("says more of the versions of " + affected.name + " than is taken here");
    for (const json::value& one : versions)
        affected.versions.push_back(
            need_short(text_of(one), "version in a list", limits::advisory_version_bytes));
    return affected;
}

}  // namespace

std::string_view range_event_name(RangeEventKind kind) {
    return std::ranges::find(event_names, kind, &decltype(event_names)::value_type::second)->first;
}

std::optional<RangeEventKind> find_range_event(std::string_view name) {
    const auto* const found = std::ranges::find(event_names, name, &decltype(event_names)::value_type::first);
    if (found == event_names.end()) return std::nullopt;
    return found->second;
}

OsvRecord parse_osv_record(std::string_view text) {
    const StrictJson document = parse_strict_json(text, limits::advisory_record_bytes);
    if (!document.object) refuse(std::string(document.fault));
    const json::object& said = *document.object;
    OsvRecord record;
    record.id = find_text(said, "id");
    if (!is_id(record.id)) refuse("has no id of letters, digits and - . _ :");
    const auto modified = find_time(said, "modified");
    if (!modified) refuse("does not say when it was modified");
    record.modified = *modified;
    record.published = find_time(said, "published");
    record.withdrawn = find_time(said, "withdrawn");
    record.aliases = short_texts(list_in(said, "aliases"), limits::advisory_aliases);
    record.summary = for_people(find_text(said, "summary"), limits::advisory_summary_bytes);
    record.details = for_people(find_text(said, "details"), limits::advisory_details_bytes);
    record.cvss_vector = choose_vector(list_in(said, "severity"));
    record.url = choose_url(list_in(said, "references"));
    if (const json::object* more = find_object(said, "database_specific")) {
        record.severity = parse_severity(find_text(*more, "severity"));
        const json::value* cwes = more->if_contains("cwe_ids");
        if (cwes != nullptr && cwes->is_array())
            record.cwes = short_texts(cwes->get_array(), limits::advisory_cwes);
    }
    const json::array& affected = list_in(said, "affected");
    if (affected.size() > limits::advisory_packages) refuse("is about more packages than are taken here");
    for (const json::value& one : affected)
        if (auto parsed = parse_affected(one)) record.affected.push_back(*std::move(parsed));
    return record;
}

}  // namespace lodestone::packages
