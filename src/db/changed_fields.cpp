// How the audit log tells of a change.
#include "db/changed_fields.hpp"

#include <utility>

#include "base/limits.hpp"
#include "db/value_json.hpp"

namespace lodestone::db {

namespace {

// The log tells what happened; it does not keep a second copy of everything.
void append_short(std::string& out, const Value& value) {
    const bool is_long = value.kind == Kind::bytes || value.text.size() > limits::audited_value_bytes;
    if (!is_long) return append_json(out, value);
    out += "{\"size_bytes\":" + std::to_string(value.text.size()) + '}';
}

}  // namespace

void ChangedFields::begin(std::string_view name) {
    if (json_.size() > 1) json_ += ',';
    json_ += '"';
    json_ += name;
    json_ += "\":";
}

void ChangedFields::add(std::string_view name, const Value& from, const Value& to) {
    begin(name);
    json_ += "{\"from\":";
    append_short(json_, from);
    json_ += ",\"to\":";
    append_short(json_, to);
    json_ += '}';
}

void ChangedFields::add_secret(std::string_view name) {
    begin(name);
    json_ += "{\"changed\":true}";
}

std::string ChangedFields::take() {
    return std::exchange(json_, "{") + '}';
}

}  // namespace lodestone::db
