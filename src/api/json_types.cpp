// The types of our JSON that need no template.
#include "api/json_types.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "api/json_structs.hpp"
#include "base/json_text.hpp"
#include "base/time_text.hpp"

namespace lodestone::api {

namespace {

std::string quote_all(std::span<const std::string_view> names, std::string_view separator) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += separator;
        append_json_string(text, name);
    }
    return text;
}

void read_json_text(JsonReader& reader, const boost::json::value& json, std::string& text) {
    text = boost::json::serialize(json);
    if (text.size() > limits::metadata_bytes)
        reader.fault("It is too long: " + std::to_string(limits::metadata_bytes) + " bytes are the most.");
}

}  // namespace

void read_text_field(JsonReader& reader, const boost::json::value& json, std::size_t least_bytes,
                     std::size_t most_bytes, std::string& value) {
    if (const auto* text = reader.read_text(json, least_bytes, most_bytes)) value = std::string_view(*text);
}

void read_number_field(JsonReader& reader, const boost::json::value& json, std::int64_t least,
                       std::int64_t most, std::int64_t& value) {
    boost::system::error_code error;
    const auto number = json.to_number<std::int64_t>(error);
    const bool is_number = !error && !json.is_double();
    if (is_number && number >= least && number <= most)
        value = number;
    else
        reader.fault("It must be a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most) + ".");
}

std::string text_schema(std::size_t least_bytes, std::size_t most_bytes, std::string_view format) {
    std::string text = R"({"type":"string","minLength":)" + std::to_string(least_bytes > 0 ? 1 : 0) +
                       R"(,"maxLength":)" + std::to_string(most_bytes);
    if (!format.empty()) text += R"(,"format":")" + std::string(format) + '"';
    return text + '}';
}

std::string number_schema(std::int64_t least, std::int64_t most) {
    return R"({"type":"integer","minimum":)" + std::to_string(least) + R"(,"maximum":)" +
           std::to_string(most) + "}";
}

std::string id_schema() {
    return R"({"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$"})";
}

std::string nullable_schema(const std::string& schema) {
    return R"({"anyOf":[)" + schema + R"(,{"type":"null"}]})";
}

std::string enum_schema(std::span<const std::string_view> names) {
    return R"({"type":"string","enum":[)" + quote_all(names, ",") + "]}";
}

void fault_enum(JsonReader& reader, std::span<const std::string_view> names) {
    reader.fault("It must be one of: " + quote_all(names, ", ") + ".");
}

void JsonType<ShownOnce>::write(std::string& out, const ShownOnce& secret) {
    append_json_string(out, secret.value);
}

std::string JsonType<ShownOnce>::schema(SchemaBook&) {
    return R"({"type":"string","description":"Shown in this answer and never again."})";
}

void JsonType<std::string>::write(std::string& out, const std::string& text) {
    append_json_string(out, text);
}

void JsonType<bool>::read(JsonReader& reader, const boost::json::value& json, bool& value) {
    if (const bool* found = json.if_bool())
        value = *found;
    else
        reader.fault("It must be true or false.");
}

void JsonType<Time>::read(JsonReader& reader, const boost::json::value& json, Time& time) {
    const boost::json::string* text = json.if_string();
    const auto parsed = text != nullptr ? parse_rfc3339(*text) : std::nullopt;
    if (parsed)
        time = *parsed;
    else
        reader.fault("It must be a time as RFC 3339 has it: \"2027-01-15T08:00:00Z\".");
}

void JsonType<Time>::write(std::string& out, Time time) {
    out += '"';
    append_rfc3339(out, time);
    out += '"';
}

void JsonType<JsonObject>::read(JsonReader& reader, const boost::json::value& json, JsonObject& object) {
    if (!json.is_object()) return reader.fault("It must be an object.");
    read_json_text(reader, json, object.text);
}

void JsonType<JsonList>::read(JsonReader& reader, const boost::json::value& json, JsonList& list) {
    const bool holds_objects = json.is_array() && std::ranges::all_of(json.as_array(), [](const auto& item) {
                                   return item.is_object();
                               });
    if (!holds_objects) return reader.fault("It must be a list of objects.");
    read_json_text(reader, json, list.text);
}

}  // namespace lodestone::api
