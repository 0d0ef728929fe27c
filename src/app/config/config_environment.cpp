// Reading environment variables, and telling our mistyped ones from other people's.
#include "app/config/config_environment.hpp"

#include <algorithm>

#include "app/config/config_settings.hpp"
#include "app/terminal/nearest_name.hpp"

namespace lodestone::app {
namespace {

constexpr std::string_view prefix = "LODESTONE_";

struct Known {
    std::string variable;
    std::string key;
};

// The customary name comes first, so that ours overrides it.
const std::vector<Known>& known_variables() {
    static const std::vector<Known> all = [] {
        std::vector<Known> names;
        for (const Setting& setting : settings()) {
            const std::string key(setting.key);
            std::vector<std::string> variables{setting.environment_name()};
            if (!setting.variable.empty() && setting.variable != "PORT")
                variables.insert(variables.begin(), std::string(setting.variable));
            for (const std::string& variable : variables) {
                names.push_back({variable, key});
                if (setting.is_secret) names.push_back({variable + "_FILE", key + "_file"});
            }
        }
        return names;
    }();
    return all;
}

bool is_number(std::string_view text) {
    return parse_number(text).has_value();
}

// Kubernetes gives every container LODESTONE_SERVICE_HOST, LODESTONE_PORT_8080_TCP_ADDR and the like when a
// service in the namespace is called lodestone, or LODESTONE_SERVER_… when it is called lodestone-server.
bool is_service_link(std::string_view name) {
    if (name.ends_with("_SERVICE_HOST") || name.ends_with("_PORT")) return true;
    if (name.find("_SERVICE_PORT") != std::string_view::npos) return true;
    const auto port = name.find("_PORT_");
    if (port == std::string_view::npos) return false;
    const std::string_view rest = name.substr(port + 6);
    const auto end = rest.find('_');
    return end != std::string_view::npos && is_number(rest.substr(0, end)) &&
           (rest.substr(end).starts_with("_TCP") || rest.substr(end).starts_with("_UDP"));
}

bool has_section_of_ours(std::string_view name) {
    return std::any_of(settings().begin(), settings().end(), [&](const Setting& setting) {
        const std::string ours = setting.environment_name();
        return name.starts_with(ours.substr(0, prefix.size() + setting.section().size() + 1));
    });
}

std::optional<ConfigFault> check_unknown(const std::string& name) {
    if (!name.starts_with(prefix) || name == "LODESTONE_CONFIG" || is_service_link(name)) return std::nullopt;
    std::vector<std::string_view> names{"LODESTONE_CONFIG"};
    for (const Known& known : known_variables()) names.push_back(known.variable);
    if (std::find(names.begin(), names.end(), name) != names.end()) return std::nullopt;
    // The common prefix would make strangers look alike.
    for (std::string_view& known : names)
        if (known.starts_with(prefix)) known.remove_prefix(prefix.size());
    const auto nearest = find_nearest_name(std::string_view(name).substr(prefix.size()), names);
    if (!nearest && !has_section_of_ours(name)) return std::nullopt;
    const std::string suggestion =
        nearest ? "; did you mean " + std::string(prefix) + std::string(*nearest) + "?" : std::string();
    return ConfigFault{name, {}, "unknown environment variable" + suggestion};
}

}  // namespace

EnvironmentValues read_configuration(const Environment& environment) {
    EnvironmentValues result;
    for (const Known& known : known_variables()) {
        const std::string_view text = find_variable(environment, known.variable);
        if (text.empty()) continue;
        RawValue value;
        value.key = known.key;
        value.texts = {std::string(text)};
        value.origin.kind = Origin::Kind::environment;
        value.origin.name = known.variable;
        value.key_origin = value.origin;
        result.values.push_back(std::move(value));
    }
    for (const auto& [name, text] : environment)
        if (auto fault = check_unknown(name)) result.faults.push_back(std::move(*fault));
    if (find_variable(environment, "LODESTONE_SERVER_LISTEN").empty())
        result.port = find_variable(environment, "PORT");
    return result;
}

std::optional<std::string> apply_port(const std::string& port, Config& config, Origin& origin) {
    const auto number = parse_number(port);
    if (!number || *number > 65'535) return "must be a port number from 0 to 65535";
    const auto port_number = static_cast<std::uint16_t>(*number);
    auto& listen = config.server.listen;
    const auto is_tcp = [](const ListenAddress& a) { return a.kind == ListenAddress::Kind::tcp; };
    if (origin.kind == Origin::Kind::built_in) {
        listen = {{.kind = ListenAddress::Kind::tcp, .host = "0.0.0.0", .port = port_number, .path = {}}};
    } else if (std::count_if(listen.begin(), listen.end(), is_tcp) == 1) {
        std::find_if(listen.begin(), listen.end(), is_tcp)->port = port_number;
    } else {
        return "cannot be used with server.listen in " + origin.to_text() +
               ", which has not exactly one TCP address; set LODESTONE_SERVER_LISTEN";
    }
    origin = {};
    origin.kind = Origin::Kind::environment;
    origin.name = "PORT";
    return std::nullopt;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        std::string_view item = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
        while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
        if (!item.empty()) items.emplace_back(item);
    }
    return items;
}

}  // namespace lodestone::app
