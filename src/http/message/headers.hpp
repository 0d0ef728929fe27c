// Header fields: views into a received head, and an owned list for what we send.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"

namespace lodestone::http {

bool equals_ignoring_case_of_same_size(std::string_view a, std::string_view b);
// ASCII only, as header names and tokens compare.
inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && equals_ignoring_case_of_same_size(a, b);
}
// The members of a comma-separated list, trimmed, empty ones left out; a comma inside quotes does not divide,
// and a quote that is never closed reaches to the end.
std::vector<std::string_view> split_list(std::string_view value,
                                         std::size_t most = std::numeric_limits<std::size_t>::max());
// Whether a comma-separated list of tokens has this one, ignoring case.
bool has_token(std::string_view list, std::string_view token);
// Spaces and tabs, the only whitespace a header knows.
std::string_view trim_whitespace(std::string_view text);
// RFC 9110 §5.6.2 tchar.
bool is_token(std::string_view text);

struct HeaderField {
    std::string_view name;
    std::string_view value;
};

// What a peer sent: views into the head's buffer, valid while its request is.
class ReceivedHeaders {
  public:
    // The value of the only or first field of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    // All values of that name joined by ", ", as RFC 9110 §5.3 lets us; empty when absent.
    std::string joined(std::string_view name) const;

    const HeaderField* begin() const { return fields_.data(); }
    const HeaderField* end() const { return fields_.data() + size_; }
    std::size_t size() const { return size_; }

    // False when the list is full.
    bool append(HeaderField field) {
        if (size_ == fields_.size()) return false;
        fields_[size_++] = field;
        return true;
    }
    void clear() { size_ = 0; }

  private:
    std::array<HeaderField, limits::header_count> fields_;
    std::size_t size_ = 0;
};

// What we send, kept as it goes over the wire. Names and values are checked, so that nobody can smuggle a
// second header through us: a control character in a value becomes a space (and goes, at its ends), and what
// is no token character in a name becomes '-'. An empty name is a bug.
class Headers {
  public:
    void add(std::string_view name, std::string_view value);
    void set(std::string_view name, std::string_view value);  // replaces every field of that name
    void append(const Headers& others) { text_ += others.text_; }
    void remove(std::string_view name);
    void keep_only(std::span<const std::string_view> names);
    std::optional<std::string_view> find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name).has_value(); }
    // "Name: value\r\n" for each field.
    const std::string& wire_text() const { return text_; }
    bool is_empty() const { return text_.empty(); }

  private:
    bool owns(std::string_view text) const;

    std::string text_;
};

}  // namespace lodestone::http
