// Searching in a folded column (fold_case()): what somebody typed becomes a value to bind, never SQL and
// never a pattern of its own.
#pragma once

#include <string>
#include <string_view>

#include "db/codec.hpp"

namespace lodestone::db {

// What a text begins with:
//     $2 IS NULL OR substr(name_folded, 1, length($2)) = $2
class Prefix {
  public:
    explicit Prefix(std::string_view typed);
    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

// What a text holds anywhere:
//     $3 IS NULL OR name_folded LIKE $3 ESCAPE '!'
class Substring {
  public:
    explicit Substring(std::string_view typed);
    const std::string& text() const { return text_; }  // the pattern, its wildcards escaped

  private:
    std::string text_;
};

template <class T>
    requires std::same_as<T, Prefix> || std::same_as<T, Substring>
struct Codec<T> {
    static constexpr Kind kind = Kind::text;
    static Value to_value(const T& searched) { return Codec<std::string>::to_value(searched.text()); }
};

}  // namespace lodestone::db
