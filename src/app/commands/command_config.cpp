// `lodestone config show|check|reference`, and the options that give configuration to every command.
#include <algorithm>

#include "app/commands/command_list.hpp"
#include "app/config/config_check.hpp"
#include "app/config/config_render.hpp"
#include "app/config/config_settings.hpp"

namespace lodestone::app {
namespace {

constexpr int wrong_configuration = 2;

OptionSpec make_setting_option(const Setting& setting) {
    OptionSpec option{.name = std::string(setting.flag),
                      .placeholder = std::string(setting.type.placeholder),
                      .about = std::string(setting.about),
                      .key = std::string(setting.key),
                      .is_repeatable = setting.type.is_list};
    option.choices.assign(setting.type.choices.begin(), setting.type.choices.end());
    if (setting.type.is_path)
        option.takes = setting.type.name == "folder" ? OptionSpec::Takes::folder : OptionSpec::Takes::file;
    return option;
}

int run_show(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const LoadedConfig loaded = load_config(read_sources(self, arguments, console));
    for (const ConfigFault& fault : loaded.faults) console.complain(fault.to_text());
    if (!loaded.faults.empty()) return wrong_configuration;
    console.out << (arguments.has("--json") ? render_config_json(loaded.config)
                                            : render_config(loaded.config, console.out_has_colours));
    return 0;
}

int run_check(const CommandSpec& self, const Arguments& arguments, Console& console) {
    LoadedConfig loaded = load_config(read_sources(self, arguments, console));
    std::vector<ConfigFault> faults = std::move(loaded.faults);
    std::ranges::move(check_config(loaded.config), std::back_inserter(faults));
    if (arguments.has("--json")) {
        console.out << render_faults_json(loaded.config, faults);
        return faults.empty() ? 0 : wrong_configuration;
    }
    for (const ConfigFault& fault : faults) console.complain(fault.to_text());
    if (!faults.empty()) return wrong_configuration;
    const std::string& file = loaded.config.file;
    console.out << paint(Ink::good, "The configuration is sound", console.out_has_colours)
                << (file.empty() ? "; no file was read.\n" : " (" + file + ").\n");
    return 0;
}

int run_reference(const CommandSpec&, const Arguments& arguments, Console& console) {
    console.out << (arguments.has("--json") ? render_reference_json() : render_reference());
    return 0;
}

std::vector<OptionSpec> with_json(std::vector<OptionSpec> options) {
    options.push_back(make_json_option());
    return options;
}

}  // namespace

std::vector<OptionSpec> make_config_options() {
    std::vector<OptionSpec> options{
        {.name = "--config",
         .placeholder = "FILE",
         .about = "The TOML file; without it $LODESTONE_CONFIG, or lodestone.toml in the data folder.",
         .takes = OptionSpec::Takes::file}};
    for (const Setting& setting : settings())
        if (!setting.flag.empty()) options.push_back(make_setting_option(setting));
    options.push_back({.name = "--set",
                       .placeholder = "KEY=VALUE",
                       .about = "Any other setting; `lodestone config reference` lists them.",
                       .takes = OptionSpec::Takes::setting,
                       .is_repeatable = true});
    return options;
}

ConfigSources read_sources(const CommandSpec& command, const Arguments& arguments, const Console& console) {
    ConfigSources sources{
        .file = arguments.last("--config"), .environment = console.environment, .flags = {}};
    for (const OptionSpec& option : command.options)
        if (!option.key.empty())
            for (const std::string& text : arguments.all(option.name))
                sources.flags.push_back({option.name, option.key, text});
    for (const std::string& text : arguments.all("--set")) {
        const auto equals = std::min(text.find('='), text.size());
        sources.flags.push_back(
            {"--set", text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))});
    }
    return sources;
}

Config need_config(const CommandSpec& command, const Arguments& arguments, const Console& console) {
    LoadedConfig loaded = load_config(read_sources(command, arguments, console));
    if (loaded.faults.empty()) return std::move(loaded.config);
    std::vector<std::string> sentences;
    for (const ConfigFault& fault : loaded.faults) sentences.push_back(fault.to_text());
    throw WrongUsage(std::move(sentences));
}

CommandSpec make_config_command() {
    CommandSpec show{
        .name = "show",
        .about = "Print every setting's effective value and where it came from",
        .details =
            "The output is TOML, with the origin of each value behind it. Secrets are shown "
            "as (set).",
        .options = with_json(make_config_options()),
        .examples = {{"lodestone config show --data /var/lib/lodestone", "What would be in effect"},
                     {"lodestone config show | grep -v '# default'", "Only what is not the default"}},
        .run = run_show};
    CommandSpec check{
        .name = "check",
        .about = "See whether the configuration is sound",
        .details =
            "Reports every mistake at once: unknown keys, wrong values, files that are "
            "missing or do not parse, a key that is not the certificate's. Exit code 0 when "
            "all is well, 2 when not.",
        .options = with_json(make_config_options()),
        .examples = {{"lodestone config check --config /etc/lodestone/lodestone.toml", "Before a restart"}},
        .run = run_check};
    CommandSpec reference{.name = "reference",
                          .about = "Print what every setting means, in Markdown",
                          .options = with_json({}),
                          .examples = {{"lodestone config reference --json", "For editors and scripts"}},
                          .run = run_reference};
    return {.name = "config",
            .about = "Show, check and explain the configuration",
            .commands = {std::move(show), std::move(check), std::move(reference)}};
}

}  // namespace lodestone::app
