// Advisories as they are published: records of OSV. https://ossf.github.io/osv-schema/
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace lodestone::packages {

// A point at which a range of versions begins or ends. Not at `limit`, which is as far as it was looked.
enum class RangeEventKind : std::uint8_t { introduced, fixed, last_affected, limit };

struct RangeEvent {
    RangeEventKind kind{};
    std::string version;  // "0", where it was introduced: in the first there was
    bool operator==(const RangeEvent&) const = default;
};
using EventRange = std::vector<RangeEvent>;

// What it says of one package. Ranges of commits are left out.
struct OsvAffected {
    std::string ecosystem;  // without what stands behind a colon: "Debian" of "Debian:12"
    std::string name;
    std::vector<EventRange> ranges;
    std::vector<std::string> versions;
};

struct OsvRecord {
    std::string id;
    Time modified{};
    std::optional<Time> published;
    std::optional<Time> withdrawn;
    std::vector<std::string> aliases;
    std::string summary;
    std::string details;
    std::string severity;     // "low", "moderate", "high", "critical"; empty: it does not say
    std::string cvss_vector;  // of version 3, if there is one, else of the newest
    std::vector<std::string> cwes;
    std::string url;  // where people read more; empty: it names none
    std::vector<OsvAffected> affected;
};

// Throws Problem(invalid_input) with one sentence for what is no record, or has more than the limits say.
// What it does not know it passes over: the schema grows.
OsvRecord parse_osv_record(std::string_view text);

// "introduced", "last_affected": as records have them.
std::string_view range_event_name(RangeEventKind kind);
std::optional<RangeEventKind> find_range_event(std::string_view name);

}  // namespace lodestone::packages
