// What our JSON consists of. For each type there is one JsonType: read() takes it from a document, write()
// puts it into one, schema() describes it. A type without read() cannot be asked for, one without write()
// cannot be answered: so text that has no limit never comes in, and a db::Secret never goes out.
#pragma once

#include <array>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_reader.hpp"
#include "api/schema_book.hpp"
#include "base/clock.hpp"
#include "base/enum_text.hpp"
#include "base/id.hpp"
#include "base/limits.hpp"
#include "db/members.hpp"

namespace lodestone::api {

// Text from outside, of so many bytes.
template <std::size_t most_bytes, std::size_t least_bytes = 1>
struct Text {
    std::string value;
};
// The same, never logged and in no example: passwords, codes, tokens.
struct SecretText {
    std::string value;
};
template <std::int64_t least, std::int64_t most>
struct Number {
    std::int64_t value = 0;
};
// A JSON object of the client's own, as text.
struct JsonObject {
    std::string text = "{}";
};
// A JSON list of objects that a noun reads itself, as text.
struct JsonList {
    std::string text = "[]";
};
// A list of texts as it is stored: JSON. Comes in as std::vector<Text<…>>, goes out as this.
struct StoredList {
    std::string text = "[]";
};
// A field that null clears: absent, null or a value. An optional field may be absent, and is never null.
template <class T>
struct Clearable {
    bool is_given = false;
    std::optional<T> value;
};
// A secret in the one answer that shows it.
struct ShownOnce {
    std::string value;
};

template <class T>
struct JsonType;

template <class T>
concept Readable = requires(JsonReader& reader, const boost::json::value& json, T& value) {
    JsonType<T>::read(reader, json, value);
};
template <class T>
concept Writable = requires(std::string& out, const T& value) { JsonType<T>::write(out, value); };

// Text and numbers, in json_types.cpp.
void read_text_field(JsonReader& reader, const boost::json::value& json, std::size_t least_bytes,
                     std::size_t most_bytes, std::string& value);
void read_number_field(JsonReader& reader, const boost::json::value& json, std::int64_t least,
                       std::int64_t most, std::int64_t& value);
std::string text_schema(std::size_t least_bytes, std::size_t most_bytes, std::string_view format = {});
std::string number_schema(std::int64_t least, std::int64_t most);
std::string nullable_schema(const std::string& schema);
std::string enum_schema(std::span<const std::string_view> names);
void fault_enum(JsonReader& reader, std::span<const std::string_view> names);

template <std::size_t most, std::size_t least>
struct JsonType<Text<most, least>> {
    static void read(JsonReader& reader, const boost::json::value& json, Text<most, least>& text) {
        read_text_field(reader, json, least, most, text.value);
    }
    static std::string schema(SchemaBook&) { return text_schema(least, most); }
};

template <>
struct JsonType<SecretText> {
    static void read(JsonReader& reader, const boost::json::value& json, SecretText& text) {
        read_text_field(reader, json, 1, limits::secret_text_bytes, text.value);
    }
    static std::string schema(SchemaBook&) { return text_schema(1, limits::secret_text_bytes, "password"); }
};

template <>
struct JsonType<ShownOnce> {
    static void write(std::string& out, const ShownOnce& secret);
    static std::string schema(SchemaBook&);
};

template <>
struct JsonType<std::string> {
    static void write(std::string& out, const std::string& text);
    static std::string schema(SchemaBook&) { return R"({"type":"string"})"; }
};

template <>
struct JsonType<bool> {
    static void read(JsonReader& reader, const boost::json::value& json, bool& value);
    static void write(std::string& out, bool value) { out += value ? "true" : "false"; }
    static std::string schema(SchemaBook&) { return R"({"type":"boolean"})"; }
};

template <std::int64_t least, std::int64_t most>
struct JsonType<Number<least, most>> {
    static void read(JsonReader& reader, const boost::json::value& json, Number<least, most>& number) {
        read_number_field(reader, json, least, most, number.value);
    }
    static std::string schema(SchemaBook&) { return number_schema(least, most); }
};

template <>
struct JsonType<std::int64_t> {
    static void write(std::string& out, std::int64_t value) { out += std::to_string(value); }
    static std::string schema(SchemaBook&) { return R"({"type":"integer","format":"int64"})"; }
};

template <>
struct JsonType<Time> {
    static void read(JsonReader& reader, const boost::json::value& json, Time& time);
    static void write(std::string& out, Time time);
    static std::string schema(SchemaBook&) { return R"({"type":"string","format":"date-time"})"; }
};

template <>
struct JsonType<JsonObject> {
    static void read(JsonReader& reader, const boost::json::value& json, JsonObject& object);
    static void write(std::string& out, const JsonObject& object) { out += object.text; }
    static std::string schema(SchemaBook&) { return R"({"type":"object"})"; }
};

template <>
struct JsonType<JsonList> {
    static void read(JsonReader& reader, const boost::json::value& json, JsonList& list);
    static void write(std::string& out, const JsonList& list) { out += list.text; }
    static std::string schema(SchemaBook&) { return R"({"type":"array","items":{"type":"object"}})"; }
};

template <>
struct JsonType<StoredList> {
    static void write(std::string& out, const StoredList& list) { out += list.text; }
    static std::string schema(SchemaBook&) { return R"({"type":"array","items":{"type":"string"}})"; }
};

std::string id_schema();

template <class Noun>
struct JsonType<Id<Noun>> {
    static void read(JsonReader& reader, const boost::json::value& json, Id<Noun>& id) {
        const boost::json::string* text = reader.read_text(json, 1, limits::id_bytes);
        if (text == nullptr) return;
        if (auto parsed = parse_id<Id<Noun>>(*text))
            id = *std::move(parsed);
        else
            reader.fault("It must be an id: letters, digits and hyphens, the first no hyphen.");
    }
    static void write(std::string& out, const Id<Noun>& id) { JsonType<std::string>::write(out, id.text()); }
    static std::string schema(SchemaBook&) { return id_schema(); }
};

template <class E>
    requires boost::describe::has_describe_enumerators<E>::value
struct JsonType<E> {
    template <class... Enumerator>
    static constexpr auto name_all(boost::mp11::mp_list<Enumerator...>) {
        return std::array<std::string_view, sizeof...(Enumerator)>{Enumerator::name...};
    }
    static constexpr auto names =
        name_all(boost::mp11::mp_rename<boost::describe::describe_enumerators<E>, boost::mp11::mp_list>());
    static void read(JsonReader& reader, const boost::json::value& json, E& value) {
        const boost::json::string* text = json.if_string();
        if (const auto found = text == nullptr ? std::nullopt : find_enumerator<E>(*text))
            value = *found;
        else
            fault_enum(reader, names);
    }
    static void write(std::string& out, E value) {
        JsonType<std::string>::write(out, boost::describe::enum_to_string(value, ""));
    }
    static std::string schema(SchemaBook&) { return enum_schema(names); }
};

template <class T>
struct JsonType<std::optional<T>> {
    static void read(JsonReader& reader, const boost::json::value& json, std::optional<T>& value)
        requires Readable<T>
    {
        if (json.is_null()) return reader.fault("It cannot be null; leave it out instead.");
        JsonType<T>::read(reader, json, value.emplace());
    }
    static void write(std::string& out, const std::optional<T>& value)
        requires Writable<T>
    {
        if (value)
            JsonType<T>::write(out, *value);
        else
            out += "null";
    }
    static std::string schema(SchemaBook& book) {
        return book.is_output() ? nullable_schema(JsonType<T>::schema(book)) : JsonType<T>::schema(book);
    }
};

template <class T>
struct JsonType<Clearable<T>> {
    static void read(JsonReader& reader, const boost::json::value& json, Clearable<T>& field) {
        field.is_given = true;
        if (!json.is_null()) JsonType<T>::read(reader, json, field.value.emplace());
    }
    static std::string schema(SchemaBook& book) { return nullable_schema(JsonType<T>::schema(book)); }
};

template <class T>
struct JsonType<std::vector<T>> {
    static void read(JsonReader& reader, const boost::json::value& json, std::vector<T>& items)
        requires Readable<T>
    {
        const boost::json::array* array = json.if_array();
        if (array == nullptr) return reader.fault("It must be a list.");
        if (array->size() > limits::json_items)
            return reader.fault("It is too long: " + std::to_string(limits::json_items) +
                                " items are the most.");
        items.clear();
        for (const boost::json::value& item : *array) {
            const JsonReader::Step step(reader, items.size());
            JsonType<T>::read(reader, item, items.emplace_back());
        }
    }
    static void write(std::string& out, const std::vector<T>& items)
        requires Writable<T>
    {
        out += '[';
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (i > 0) out += ',';
            JsonType<T>::write(out, items[i]);
        }
        out += ']';
    }
    static std::string schema(SchemaBook& book) {
        return R"({"type":"array","items":)" + JsonType<T>::schema(book) + "}";
    }
};

}  // namespace lodestone::api
