// The only file that sees toml++: headers only and without its exceptions, so that a syntax error is a value.
#include "app/config_toml.hpp"

#include <array>
#include <charconv>

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace lodestone::app {
namespace {

using Form = RawValue::Form;

Origin origin_at(const std::string& file, const toml::source_region& region) {
    Origin origin;
    origin.kind = Origin::Kind::file;
    origin.name = file;
    origin.line = region.begin.line;
    origin.column = region.begin.column;
    return origin;
}

// A number as it would be written again: 1.20 becomes 1.2, which is what choices are compared with.
std::string render_decimal(double value) {
    std::array<char, 32> buffer{};
    const auto [stop, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return error == std::errc{} ? std::string(buffer.data(), stop) : std::string();
}

std::pair<Form, std::string> read_scalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return {Form::text, text->get()};
    if (const auto* boolean = node.as_boolean()) return {Form::boolean, boolean->get() ? "true" : "false"};
    if (const auto* integer = node.as_integer()) return {Form::integer, std::to_string(integer->get())};
    if (const auto* decimal = node.as_floating_point())
        return {Form::decimal, render_decimal(decimal->get())};
    return {Form::other, {}};
}

RawValue read_value(const toml::node& node) {
    RawValue value;
    const toml::array* list = node.as_array();
    if (list == nullptr) {
        auto [form, text] = read_scalar(node);
        value.form = form;
        value.texts.push_back(std::move(text));
        return value;
    }
    value.form = Form::list;
    for (const toml::node& element : *list) {
        auto [form, text] = read_scalar(element);
        if (form != Form::text) value.form = Form::other;
        value.texts.push_back(std::move(text));
    }
    return value;
}

// Tables nest as deep as toml++ lets them (256), so recursion is bounded.
void flatten(const toml::table& table, const std::string& prefix, const std::string& file,
             std::vector<RawValue>& out) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        if (const toml::table* below = node.as_table(); below != nullptr && !below->empty()) {
            flatten(*below, name + ".", file, out);
            continue;
        }
        RawValue value = read_value(node);
        value.key = name;
        value.origin = origin_at(file, node.source());
        value.key_origin = origin_at(file, key.source());
        out.push_back(std::move(value));
    }
}

}  // namespace

std::variant<std::vector<RawValue>, TomlFault> parse_toml(std::string_view text, const std::string& file) {
    const toml::parse_result result = toml::parse(text);
    if (!result) {
        const toml::parse_error& error = result.error();
        return TomlFault{error.source().begin.line, error.source().begin.column,
                         std::string(error.description())};
    }
    std::vector<RawValue> values;
    flatten(result.table(), {}, file, values);
    return values;
}

}  // namespace lodestone::app
