// Conditions: what each attribute can be compared with is checked once, when they are read.
#include "identity/rules/conditions.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "base/enum_text.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"
#include "identity/rules/text_list.hpp"

namespace lodestone::identity {

namespace {

namespace json = boost::json;
using Operator = ConditionOperator;

constexpr std::array<std::string_view, 7> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 6> principal_facts{"kind", "user", "app",
                                                          "key",  "name", "has_second_factor"};

bool is_list_operator(Operator comparison) {
    return comparison == Operator::in || comparison == Operator::not_in;
}

bool is_order_operator(Operator comparison) {
    return comparison == Operator::lt || comparison == Operator::gt;
}

bool is_value_text(std::string_view text) {
    return text.size() <= limits::pattern_bytes;
}

bool is_weekday(std::string_view text) {
    return std::ranges::count(weekdays, text) > 0;
}

bool is_hour(std::string_view text) {
    int hour = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hour);
    return error == std::errc() && end == text.data() + text.size() && hour >= 0 && hour <= 23;
}

bool is_network(std::string_view text) {
    return http::parse_network(text).has_value();
}

std::optional<double> number_of(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// What an attribute can be compared by, and with.
struct AttributeKind {
    std::vector<Operator> operators;
    IsGoodText is_good;
    std::string_view form;
};

std::optional<AttributeKind> find_kind(std::string_view attribute) {
    using enum ConditionOperator;
    AttributeKind text{{eq, ne, in, not_in, lt, gt, contains}, is_value_text, "a text that is not too long"};
    if (attribute == "address")
        return AttributeKind{{in, not_in}, is_network, "a network like \"10.0.0.0/8\""};
    if (attribute == "time") return AttributeKind{{before, after}, is_value_text, "a time"};
    if (attribute == "time.hour")
        return AttributeKind{{eq, ne, in, not_in, lt, gt}, is_hour, "an hour from 0 to 23"};
    if (attribute == "time.weekday")
        return AttributeKind{{eq, ne, in, not_in}, is_weekday, "a day like \"monday\""};
    if (attribute == "resource.tags") return AttributeKind{{contains}, is_value_text, "a tag"};
    constexpr std::string_view resource = "resource.", principal = "principal.";
    if (attribute.starts_with(resource) && attribute.size() > resource.size() && is_value_text(attribute))
        return text;
    if (attribute.starts_with(principal) &&
        std::ranges::count(principal_facts, attribute.substr(principal.size())) > 0)
        return text;
    return std::nullopt;
}

// Numbers and booleans may stand without quotes; they are compared as the text that they are.
std::optional<std::string> scalar_text(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    return std::nullopt;
}

bool read_values(const json::value& value, const AttributeKind& kind, Condition& condition,
                 std::string& fault) {
    const bool is_list = is_list_operator(condition.comparison);
    if (value.is_array() != is_list || (is_list && value.get_array().size() > limits::rule_entries)) {
        fault = is_list ? ".value is not a list, or too long" : ".value is not a single one";
        return false;
    }
    const auto read_one = [&](const json::value& one) {
        const std::optional<std::string> text = scalar_text(one);
        if (!text || !kind.is_good(*text)) return false;
        condition.values.push_back(*text);
        return true;
    };
    const bool is_good = is_list ? std::ranges::all_of(value.get_array(), read_one) : read_one(value);
    if (!is_good) fault = ".value is not " + std::string(kind.form);
    return is_good;
}

// What comparing needs, made once.
bool prepare(Condition& condition, std::string& fault) {
    if (condition.attribute == "address")
        for (const std::string& text : condition.values)
            condition.networks.push_back(*http::parse_network(text));
    if (is_order_operator(condition.comparison)) {
        const std::optional<double> number = number_of(condition.values.front());
        if (!number) fault = ".value is not a number";
        condition.number = number.value_or(0);
    }
    if (condition.attribute == "time") {
        const std::optional<Time> time = parse_rfc3339(condition.values.front());
        if (!time) fault = ".value is not a time like \"2027-01-15T08:00:00Z\"";
        condition.time = time.value_or(Time{});
    }
    return fault.empty();
}

bool parse_condition(const json::value& value, Condition& condition, std::string& fault) {
    const json::object* object = value.if_object();
    const auto* attribute = object == nullptr ? nullptr : object->if_contains("attribute");
    const auto* comparison = object == nullptr ? nullptr : object->if_contains("operator");
    const auto* wanted = object == nullptr ? nullptr : object->if_contains("value");
    if (attribute == nullptr || comparison == nullptr || wanted == nullptr || object->size() != 3) {
        fault = " is not an object with \"attribute\", \"operator\" and \"value\" alone";
        return false;
    }
    condition.attribute = scalar_text(*attribute).value_or("");
    const std::optional<AttributeKind> kind = find_kind(condition.attribute);
    if (!kind) {
        fault = ".attribute is none that can be compared";
        return false;
    }
    const std::string name = scalar_text(*comparison).value_or("");
    const auto operation = find_enumerator<ConditionOperator>(name);
    if (!operation || std::ranges::count(kind->operators, *operation) == 0) {
        fault = ".operator is none that " + condition.attribute + " can be compared with";
        return false;
    }
    condition.comparison = *operation;
    return read_values(*wanted, *kind, condition, fault) && prepare(condition, fault);
}

std::string_view kind_name(PrincipalKind kind) {
    switch (kind) {
        case PrincipalKind::anonymous: return "anonymous";
        case PrincipalKind::person: return "person";
        case PrincipalKind::app: return "app";
        case PrincipalKind::publisher: return "publisher";
        case PrincipalKind::operators: return "operators";
    }
    return "";
}

std::optional<std::string_view> present(std::string_view text) {
    if (text.empty()) return std::nullopt;
    return text;
}

std::optional<std::string_view> principal_fact(std::string_view name, const Principal& principal) {
    if (name == "kind") return kind_name(principal.kind);
    if (name == "user") return present(principal.user.text());
    if (name == "app") return present(principal.app.text());
    if (name == "key") return principal.key ? present(principal.key->text()) : std::nullopt;
    if (name == "name") return present(principal.name);
    return principal.has_second_factor ? "true" : "false";
}

std::optional<std::string_view> resource_fact(std::string_view name, const Resource& resource) {
    if (name == "type") return present(resource.type);
    if (name == "id") return present(resource.id);
    if (name == "app") return present(resource.app.text());
    const auto found = resource.attributes.find(std::string(name));
    if (found == resource.attributes.end()) return std::nullopt;
    return found->second;
}

bool compare(const Condition& condition, PolicyEffect effect, std::optional<std::string_view> fact) {
    const auto is_one = [&] { return fact && std::ranges::count(condition.values, *fact) > 0; };
    switch (condition.comparison) {
        case Operator::eq:
        case Operator::in: return is_one();
        case Operator::ne:
        case Operator::not_in: return !is_one();
        case Operator::contains: return fact && fact->find(condition.values.front()) != fact->npos;
        case Operator::lt:
        case Operator::gt: {
            const std::optional<double> number = fact ? number_of(*fact) : std::nullopt;
            if (!number) return effect == PolicyEffect::deny;
            return condition.comparison == Operator::lt ? *number < condition.number
                                                        : *number > condition.number;
        }
        case Operator::before:
        case Operator::after: break;
    }
    return false;
}

}  // namespace

bool holds(const Condition& condition, PolicyEffect effect, const Principal& principal,
           const Resource& resource, const Circumstances& circumstances) {
    const std::string_view attribute = condition.attribute;
    if (attribute == "address")
        return http::is_in_networks(circumstances.address, condition.networks) ==
               (condition.comparison == Operator::in);
    if (attribute == "time")
        return condition.comparison == Operator::before ? circumstances.now < condition.time
                                                        : circumstances.now > condition.time;
    const auto day = std::chrono::floor<std::chrono::days>(circumstances.now);
    if (attribute == "time.hour") {
        const auto hour = std::chrono::floor<std::chrono::hours>(circumstances.now - day).count();
        return compare(condition, effect, std::to_string(hour));
    }
    if (attribute == "time.weekday")
        return compare(condition, effect, weekdays[std::chrono::weekday(day).c_encoding()]);
    if (attribute == "resource.tags") return std::ranges::count(resource.tags, condition.values.front()) > 0;
    const std::string_view name = attribute.substr(attribute.find('.') + 1);
    return compare(
        condition, effect,
        attribute.starts_with("resource.") ? resource_fact(name, resource) : principal_fact(name, principal));
}

std::optional<std::vector<Condition>> parse_conditions(std::string_view text, std::string& fault) {
    const std::optional<json::value> value = parse_rule_json(text, fault);
    if (!value) return std::nullopt;
    if (!value->is_array() || value->get_array().size() > limits::rule_entries) {
        fault = "is not a list, or too long";
        return std::nullopt;
    }
    std::vector<Condition> conditions;
    for (const json::value& entry : value->get_array()) {
        Condition condition;
        if (!parse_condition(entry, condition, fault)) {
            fault.insert(0, "[" + std::to_string(conditions.size()) + "]");
            return std::nullopt;
        }
        conditions.push_back(std::move(condition));
    }
    return conditions;
}

}  // namespace lodestone::identity
