// Described structs as JSON objects: what a request may say is a struct, what an answer says is another, and
// neither is a row. A field is required unless it is optional or clearable.
#pragma once

#include <boost/describe/bases.hpp>
#include <boost/json/value.hpp>

#include "api/json_types.hpp"
#include "base/json_text.hpp"

namespace lodestone::api {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

template <class T>
inline constexpr bool may_be_absent = false;
template <class T>
inline constexpr bool may_be_absent<std::optional<T>> = true;
template <class T>
inline constexpr bool may_be_absent<Clearable<T>> = true;

// A struct's own members first, then those of what it derives from: ids stand before versions and times.
template <class Struct>
struct JsonMembersOf {
    using Own = boost::mp11::mp_rename<boost::describe::describe_members<Struct, boost::describe::mod_public>,
                                       boost::mp11::mp_list>;
    template <class Base>
    using OfBase = typename JsonMembersOf<typename Base::type>::type;
    using Bases = boost::mp11::mp_rename<boost::describe::describe_bases<Struct, boost::describe::mod_public>,
                                         boost::mp11::mp_list>;
    using type =
        boost::mp11::mp_apply<boost::mp11::mp_append,
                              boost::mp11::mp_push_front<boost::mp11::mp_transform<OfBase, Bases>, Own>>;
};
template <class Struct>
using JsonMembers = typename JsonMembersOf<Struct>::type;

template <class Struct>
std::vector<std::string_view> member_names() {
    std::vector<std::string_view> names;
    boost::mp11::mp_for_each<JsonMembers<Struct>>([&names](auto member) { names.push_back(member.name); });
    return names;
}

std::string object_schema(const std::vector<std::pair<std::string_view, std::string>>& properties,
                          const std::vector<std::string_view>& required, bool is_closed);

template <Described Struct>
struct JsonType<Struct> {
    static void read(JsonReader& reader, const boost::json::value& json, Struct& object) {
        const boost::json::object* members = json.if_object();
        if (members == nullptr) return reader.fault("It must be a JSON object.");
        db::for_each_member(object, [&](std::string_view name, auto& field) {
            using Field = std::remove_cvref_t<decltype(field)>;
            static_assert(Readable<Field>,
                          "an input's field has a limit: Text<…>, Number<…>, an enumeration …");
            const JsonReader::Step step(reader, name);
            if (const boost::json::value* found = members->if_contains(name))
                JsonType<Field>::read(reader, *found, field);
            else if (!may_be_absent<Field>)
                reader.fault("It is missing.");
        });
        reader.check_names(*members, member_names<Struct>());
    }
    static void write(std::string& out, const Struct& object) {
        char separator = '{';
        boost::mp11::mp_for_each<JsonMembers<Struct>>([&](auto member) {
            using Field = db::FieldType<decltype(member)>;
            static_assert(Writable<Field>, "an answer's field is no secret");
            out += separator;
            append_json_string(out, member.name);
            out += ':';
            JsonType<Field>::write(out, object.*member.pointer);
            separator = ',';
        });
        out += separator == '{' ? "{}" : "}";
    }
    // What is asked for has no other fields; answers may get more of them later.
    static std::string schema(SchemaBook& book) {
        return book.refer(type_name<Struct>(), [&book] {
            std::vector<std::pair<std::string_view, std::string>> properties;
            std::vector<std::string_view> required;
            boost::mp11::mp_for_each<JsonMembers<Struct>>([&](auto member) {
                using Field = db::FieldType<decltype(member)>;
                if (book.is_output() || !may_be_absent<Field>) required.push_back(member.name);
                properties.emplace_back(member.name, JsonType<Field>::schema(book));
            });
            return object_schema(properties, required, !book.is_output());
        });
    }
};

// The body of a request as an input struct. Throws Problem, with every fault that was found.
template <Described Input>
Input read_input(const boost::json::value& json) {
    JsonReader reader;
    Input input;
    JsonType<Input>::read(reader, json, input);
    reader.finish();
    return input;
}

template <class T>
std::string render_json(const T& value) {
    std::string out;
    JsonType<T>::write(out, value);
    return out;
}

}  // namespace lodestone::api
