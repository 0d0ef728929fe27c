// Lists of texts, with every limit checked before anything is made of them.
#include "identity/rules/text_list.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "base/json_text.hpp"
#include "base/limits.hpp"

namespace lodestone::identity {

namespace json = boost::json;

std::optional<json::value> parse_rule_json(std::string_view text, std::string& fault) {
    if (text.size() > limits::rule_bytes) {
        fault = "has more than " + std::to_string(limits::rule_bytes) + " bytes";
        return std::nullopt;
    }
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = limits::rule_depth;
    json::value value = json::parse(text, error, {}, options);
    if (error) {
        fault = "is not JSON, or nested too deep";
        return std::nullopt;
    }
    return value;
}

std::optional<std::vector<std::string>> parse_text_list(std::string_view text, IsGoodText is_good,
                                                        std::string_view form, std::string& fault) {
    const std::optional<json::value> value = parse_rule_json(text, fault);
    if (!value) return std::nullopt;
    return parse_text_list(*value, is_good, form, fault);
}

std::optional<std::vector<std::string>> parse_text_list(const json::value& value, IsGoodText is_good,
                                                        std::string_view form, std::string& fault) {
    if (!value.is_array()) {
        fault = "is not a list";
        return std::nullopt;
    }
    if (value.get_array().size() > limits::rule_entries) {
        fault = "has more than " + std::to_string(limits::rule_entries) + " entries";
        return std::nullopt;
    }
    std::vector<std::string> list;
    for (const json::value& entry : value.get_array()) {
        if (!entry.is_string() || !is_good(std::string_view(entry.get_string()))) {
            fault = "has an entry that is not " + std::string(form);
            return std::nullopt;
        }
        const std::string text(entry.get_string());
        if (std::ranges::count(list, text) > 0) {
            fault = "has an entry twice";
            return std::nullopt;
        }
        list.push_back(text);
    }
    return list;
}

std::string render_text_list(const std::vector<std::string>& list) {
    std::string text = "[";
    for (const std::string& entry : list) {
        if (text.size() > 1) text += ',';
        append_json_string(text, entry);
    }
    return text + "]";
}

}  // namespace lodestone::identity
