// Ids: UUIDs of version 7 (RFC 9562), which sort by the time they were made, and their one text form.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone {

class Clock;
class Random;

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Uuid&) const = default;
};

// Ids made a microsecond apart sort in that order; 62 bits of chance keep those of one microsecond apart.
Uuid make_uuid(const Clock& clock, Random& random);

// "01890a5d-ac96-774b-bcce-b302099a8057"
std::string render_uuid(const Uuid& id);
// Takes exactly what render_uuid() writes, of any version: no braces, no capitals. One id has one spelling,
// so that no two texts mean the same row.
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace lodestone
