// SQL values as JSON: for statements that take many rows at once, and for what the audit log says about a
// change.
#pragma once

#include <string>

#include "db/value.hpp"

namespace lodestone::db {

// Null, booleans, numbers and text; bytes have no JSON form. Text with bytes that are not UTF-8, or with a
// NUL character, is refused as it is when bound on its own.
void append_json(std::string& out, const Value& value);

}  // namespace lodestone::db
