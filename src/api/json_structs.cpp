// The members of described structs, read, written and described by their tables.
#include "api/json_structs.hpp"

#include "base/json_text.hpp"

namespace lodestone::api {

namespace {

std::string object_schema(std::span<const std::pair<std::string_view, std::string>> properties,
                          std::span<const std::string_view> required, bool is_closed) {
    std::string text = R"({"type":"object","properties":{)";
    for (const auto& [name, schema] : properties) {
        if (text.back() != '{') text += ',';
        append_json_string(text, name);
        text += ':' + schema;
    }
    text += '}';
    if (!required.empty()) {
        text += R"(,"required":)";
        char separator = '[';
        for (const std::string_view name : required) {
            text += separator;
            append_json_string(text, name);
            separator = ',';
        }
        text += ']';
    }
    if (is_closed) text += R"(,"additionalProperties":false)";
    return text + '}';
}

}  // namespace

void read_members(JsonReader& reader, const boost::json::value& json, std::span<const InputMember> members,
                  void* object) {
    const boost::json::object* given = json.if_object();
    if (given == nullptr) return reader.fault("It must be a JSON object.");
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const InputMember& member : members) {
        names.push_back(member.name);
        const JsonReader::Step step(reader, member.name);
        if (const boost::json::value* found = given->if_contains(member.name))
            member.read(reader, *found, member.find(object));
        else if (!member.may_be_absent)
            reader.fault("It is missing.");
    }
    reader.check_names(*given, names);
}

void write_members(std::string& out, std::span<const OutputMember> members, const void* object) {
    char separator = '{';
    for (const OutputMember& member : members) {
        out += separator;
        append_json_string(out, member.name);
        out += ':';
        member.write(out, member.find(object));
        separator = ',';
    }
    out += members.empty() ? "{}" : "}";
}

std::vector<std::pair<std::string_view, std::string>> member_schemas(
    SchemaBook& book, std::span<const DescribedMember> members) {
    std::vector<std::pair<std::string_view, std::string>> schemas;
    for (const DescribedMember& member : members) schemas.emplace_back(member.name, member.schema(book));
    return schemas;
}

std::string SchemaBook::refer(std::string_view name, std::span<const DescribedMember> members) {
    const auto [entry, is_new] = schemas_.try_emplace(std::string(name));
    if (is_new) {
        std::vector<std::string_view> required;
        for (const DescribedMember& member : members)
            if (is_output() || !member.may_be_absent) required.push_back(member.name);
        // What is asked for has no other fields; answers may get more of them later.
        std::string text = object_schema(member_schemas(*this, members), required, !is_output());
        schemas_[std::string(name)] = std::move(text);
    }
    return R"({"$ref":"#/components/schemas/)" + std::string(name) + R"("})";
}

}  // namespace lodestone::api
