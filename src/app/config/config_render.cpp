// `config show` in TOML and JSON, and the findings of `config check` in JSON.
#include "app/config/config_render.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>

#include "app/config/config_settings.hpp"
#include "app/config/config_values.hpp"
#include "app/terminal/terminal.hpp"

namespace lodestone::app {
namespace {

constexpr std::string_view hidden = "(set)";

std::vector<std::string> shown_texts(const Setting& setting, const Config& config) {
    std::vector<std::string> texts = setting.texts(config);
    if (setting.is_secret && !texts.empty() && !texts.front().empty()) texts = {std::string(hidden)};
    if (setting.type.is_url)
        for (std::string& text : texts) text = hide_url_secrets(text);
    return texts;
}

// JSON's strings are TOML's basic strings: the same quotes and escapes.
std::string quote_toml(const std::string& text) {
    return boost::json::serialize(boost::json::string(text));
}

std::string render_value(const Setting& setting, const Config& config) {
    const std::vector<std::string> texts = shown_texts(setting, config);
    if (!setting.type.is_list)
        return setting.type.shape == ValueShape::text ? quote_toml(texts.front()) : texts.front();
    std::string list = "[";
    for (const std::string& text : texts) list += (list.size() > 1 ? ", " : "") + quote_toml(text);
    return list + "]";
}

boost::json::value scalar_to_json(ValueShape shape, const std::string& text) {
    switch (shape) {
        case ValueShape::boolean: return text == "true";
        case ValueShape::integer: return parse_number(text).value_or(0);
        case ValueShape::decimal: return std::strtod(text.c_str(), nullptr);
        case ValueShape::text: break;
    }
    return boost::json::string(text);
}

boost::json::value value_to_json(const Setting& setting, const Config& config) {
    const std::vector<std::string> texts = shown_texts(setting, config);
    if (!setting.type.is_list) return scalar_to_json(setting.type.shape, texts.front());
    boost::json::array list;
    for (const std::string& text : texts) list.push_back(scalar_to_json(setting.type.shape, text));
    return list;
}

}  // namespace

std::string render_config(const Config& config, bool with_colours) {
    std::vector<std::string> lines;
    std::size_t width = 0;
    for (const Setting& setting : settings()) {
        lines.push_back(std::string(setting.key) + " = " + render_value(setting, config));
        width = std::max(width, std::min<std::size_t>(lines.back().size(), 60));
    }
    std::string text;
    if (!config.file.empty()) text += paint(Ink::faint, "# file: " + config.file, with_colours) + "\n";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string padding(width > lines[i].size() ? width - lines[i].size() : 0, ' ');
        text += lines[i] + padding + "  " +
                paint(Ink::faint, "# " + config.origins[i].to_text(), with_colours) + "\n";
    }
    return text;
}

std::string render_config_json(const Config& config) {
    boost::json::array all;
    for (std::size_t i = 0; i < settings().size(); ++i) {
        const Setting& setting = settings()[i];
        all.push_back(boost::json::object{{"key", setting.key},
                                          {"value", value_to_json(setting, config)},
                                          {"origin", config.origins[i].to_text()}});
    }
    return boost::json::serialize(boost::json::object{{"file", config.file}, {"settings", all}}) + "\n";
}

std::string render_faults_json(const Config& config, const std::vector<ConfigFault>& faults) {
    boost::json::array all;
    for (const ConfigFault& fault : faults)
        all.push_back(boost::json::object{
            {"where", fault.where}, {"key", fault.key}, {"detail", fault.detail}, {"text", fault.to_text()}});
    const boost::json::object answer{{"sound", faults.empty()}, {"file", config.file}, {"faults", all}};
    return boost::json::serialize(answer) + "\n";
}

}  // namespace lodestone::app
