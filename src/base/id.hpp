// Strong ids: the id of a tenant is not the id of a user, though both are text. What the program makes is a
// UUID of version 7; a caller may choose the ids of tenants, apps, branches and users.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.hpp"

namespace lodestone {

// 1 to 64 letters, digits and hyphens, the first no hyphen: safe in a URL, a file name and a log line.
bool is_id_text(std::string_view text);

template <class Noun>
class Id {
  public:
    Id() = default;  // no id yet; never stored
    const std::string& text() const { return text_; }
    bool is_empty() const { return text_.empty(); }
    auto operator<=>(const Id&) const = default;

    // For text that is known to be an id: it comes from the database, or was checked.
    static Id trusted(std::string text) {
        Id id;
        id.text_ = std::move(text);
        return id;
    }

  private:
    std::string text_;
};

// From outside: nothing when the text cannot be an id.
template <class IdType>
std::optional<IdType> parse_id(std::string_view text) {
    if (!is_id_text(text)) return std::nullopt;
    return IdType::trusted(std::string(text));
}

template <class IdType>
IdType make_id(const Clock& clock, Random& random) {
    return IdType::trusted(render_uuid(make_uuid(clock, random)));
}

}  // namespace lodestone

template <class Noun>
struct std::hash<lodestone::Id<Noun>> {
    std::size_t operator()(const lodestone::Id<Noun>& id) const {
        return std::hash<std::string>{}(id.text());
    }
};
