// One SQL value on its way in or out. Both engines know these six kinds and nothing else; what the program's
// types become is in codec.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lodestone::db {

using Bytes = std::vector<std::byte>;

enum class Kind : std::uint8_t { null, boolean, integer, real, text, bytes };

// A value to bind. Text and bytes are views: whoever binds keeps them alive until the statement has run.
struct Value {
    Kind kind = Kind::null;
    Kind declared = Kind::null;  // what it would be if it were not null: PostgreSQL wants to know
    std::int64_t integer = 0;    // also booleans, as 0 and 1
    double real = 0;
    std::string_view text{};  // also bytes
};

// The columns of the row at hand. Reading a column as another kind than it has is a bug: statements are
// checked against both schemas before they are used (check_statements).
class Row {
  public:
    virtual ~Row() = default;
    virtual bool is_null(int column) const = 0;
    virtual bool boolean(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    // Valid until the next row.
    virtual std::string_view text(int column) const = 0;
    virtual std::span<const std::byte> bytes(int column) const = 0;
};

}  // namespace lodestone::db
