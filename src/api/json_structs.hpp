// Described structs as JSON objects: what a request may say is a struct, what an answer says is another, and
// neither is a row. A field is required unless it is optional or clearable.
#pragma once

#include <array>
#include <boost/describe/bases.hpp>
#include <boost/json/value.hpp>
#include <span>
#include <utility>

#include "api/json_types.hpp"

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

// Members as rows of tables: json_structs.cpp reads, writes and describes the members of all structs alike. A
// function for each member of each struct would be a fifth of what the compiler does here.
struct InputMember {
    std::string_view name;
    bool may_be_absent;
    void* (*find)(void* object);
    void (*read)(JsonReader& reader, const boost::json::value& json, void* field);
};
struct OutputMember {
    std::string_view name;
    const void* (*find)(const void* object);
    void (*write)(std::string& out, const void* field);
};
struct DescribedMember {
    std::string_view name;
    bool may_be_absent;
    std::string (*schema)(SchemaBook& book);
};

void read_members(JsonReader& reader, const boost::json::value& json, std::span<const InputMember> members,
                  void* object);
void write_members(std::string& out, std::span<const OutputMember> members, const void* object);
// Each name and its schema.
std::vector<std::pair<std::string_view, std::string>> member_schemas(
    SchemaBook& book, std::span<const DescribedMember> members);

template <class Field>
void read_field(JsonReader& reader, const boost::json::value& json, void* field) {
    static_assert(Readable<Field>, "an input's field has a limit: Text<…>, Number<…>, an enumeration …");
    JsonType<Field>::read(reader, json, *static_cast<Field*>(field));
}
template <class Field>
void write_field(std::string& out, const void* field) {
    static_assert(Writable<Field>, "an answer's field is no secret");
    JsonType<Field>::write(out, *static_cast<const Field*>(field));
}

// Inputs are read in another order than answers have: that of the declarations, in which faults are told.
template <class Struct>
using InputMembers = boost::mp11::mp_rename<db::Members<Struct>, boost::mp11::mp_list>;

template <class Struct, class Members = JsonMembers<Struct>>
struct MemberTables;
template <class Struct, class... Member>
struct MemberTables<Struct, boost::mp11::mp_list<Member...>> {
    template <class Each>
    static void* find(void* object) {
        return &(static_cast<Struct*>(object)->*Each::pointer);
    }
    template <class Each>
    static const void* find_const(const void* object) {
        return &(static_cast<const Struct*>(object)->*Each::pointer);
    }
    static constexpr std::array<std::string_view, sizeof...(Member)> names{Member::name...};
    static constexpr std::array<InputMember, sizeof...(Member)> input{
        InputMember{Member::name, may_be_absent<db::FieldType<Member>>, &find<Member>,
                    &read_field<db::FieldType<Member>>}...};
    static constexpr std::array<OutputMember, sizeof...(Member)> output{
        OutputMember{Member::name, &find_const<Member>, &write_field<db::FieldType<Member>>}...};
    static constexpr std::array<DescribedMember, sizeof...(Member)> described{DescribedMember{
        Member::name, may_be_absent<db::FieldType<Member>>, &JsonType<db::FieldType<Member>>::schema}...};
};

template <Described Struct>
struct JsonType<Struct> {
    static void read(JsonReader& reader, const boost::json::value& json, Struct& object) {
        read_members(reader, json, MemberTables<Struct, InputMembers<Struct>>::input, &object);
    }
    static void write(std::string& out, const Struct& object) {
        write_members(out, MemberTables<Struct>::output, &object);
    }
    static std::string schema(SchemaBook& book) {
        return book.refer(type_name<Struct>(), MemberTables<Struct>::described);
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
