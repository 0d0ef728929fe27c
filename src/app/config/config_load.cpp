// The layers of configuration and how they are laid over each other.
#include "app/config/config_load.hpp"

#include <algorithm>
#include <filesystem>

#include "app/config/config_environment.hpp"
#include "app/config/config_settings.hpp"
#include "app/config/config_toml.hpp"
#include "app/terminal/nearest_name.hpp"
#include "base/secret_file.hpp"
#include "db/postgres_url.hpp"

namespace lodestone::app {
namespace {

using Form = RawValue::Form;

constexpr std::string_view file_suffix = "_file";
constexpr std::size_t longest_quote = 120;

// What a fault may show of foreign text: short, and nothing that moves a terminal's cursor.
std::string shorten(std::string_view text) {
    std::size_t size = std::min(text.size(), longest_quote);
    // Not in the middle of a character.
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    std::string shown;
    for (const char c : text.substr(0, size))
        shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return shown + (size < text.size() ? "…" : "");
}

std::string quote(std::string_view text) {
    return "\"" + shorten(text) + "\"";
}

std::string place_of(const Origin& origin) {
    if (origin.kind != Origin::Kind::file) return origin.name;
    return origin.name + ":" + std::to_string(origin.line) + ":" + std::to_string(origin.column);
}

class Loader {
  public:
    Config config;
    std::vector<ConfigFault> faults;

    Loader() { config.origins.resize(settings().size()); }

    void refuse(const Origin& origin, std::string key, std::string detail) {
        faults.push_back({place_of(origin), std::move(key), std::move(detail)});
    }

    void store_all(const std::vector<RawValue>& values) {
        for (const RawValue& value : values) store(value);
    }

  private:
    void store(const RawValue& value) {
        if (const std::size_t index = find_setting(value.key); index != no_setting)
            return store_setting(value, index);
        if (value.key.ends_with(file_suffix)) {
            const auto base = value.key.substr(0, value.key.size() - file_suffix.size());
            const std::size_t index = find_setting(base);
            if (index != no_setting && settings()[index].is_secret) return store_secret_file(value, index);
        }
        if (value.form == Form::empty_table && !section_about(value.key).empty()) return;
        const std::string known = render_suggestion(value.key, setting_keys());
        refuse(value.key_origin, {}, "unknown key " + quote(value.key) + known);
    }

    void store_setting(const RawValue& value, std::size_t index) {
        const Setting& setting = settings()[index];
        if (auto fault = check_form(value, setting)) return refuse(value.origin, value.key, *fault);
        const std::vector<std::string> texts = complete_texts(value, setting);
        if (setting.is_secret && is_exposed(setting, value))
            return refuse(value.origin, value.key, exposed(setting));
        if (const auto refused = setting.store(config, texts)) {
            if (setting.is_secret) return refuse(value.origin, value.key, refused->expected);
            const std::string shown = setting.type.is_url ? hide_url_secrets(refused->text) : refused->text;
            return refuse(value.origin, value.key, refused->expected + ", not " + quote(shown));
        }
        config.origins[index] = value.origin;
    }

    void store_secret_file(const RawValue& value, std::size_t index) {
        if (value.texts.size() != 1) return refuse(value.origin, value.key, "must be one file");
        RawValue secret = value;
        secret.origin.secret_file = beside_file(value.origin, value.texts.front());
        const FileText content = read_secret_file(secret.origin.secret_file);
        if (!content.text)
            return refuse(value.origin, value.key, secret.origin.secret_file + " " + content.fault);
        secret.key = settings()[index].key;
        secret.form = Form::plain;
        secret.texts = {*content.text};
        store_setting(secret, index);
    }

    // TOML knows types, and a wrong one is a mistake even where its text could be read.
    static std::optional<std::string> check_form(const RawValue& value, const Setting& setting) {
        const SettingType& type = setting.type;
        if (value.form == Form::plain) return std::nullopt;
        if (type.is_list)
            return value.form == Form::list || value.form == Form::text
                       ? std::nullopt
                       : std::optional("must be " + with_article(type) + ", each in quotes");
        if (value.texts.size() != 1 || value.form == Form::list || value.form == Form::other)
            return "must be " + with_article(type);
        if (value.form == Form::text && type.shape != ValueShape::text)
            return "must be " + with_article(type) + ", without quotes";
        if (value.form != Form::text && type.is_path) return "must be " + with_article(type) + " in quotes";
        return std::nullopt;
    }

    static std::string with_article(const SettingType& type) {
        const bool is_choice = !type.choices.empty() || type.shape == ValueShape::boolean;
        return (is_choice ? "" : "a ") + type.name;
    }

    static std::vector<std::string> complete_texts(const RawValue& value, const Setting& setting) {
        std::vector<std::string> texts = value.texts;
        if (setting.type.is_list && value.form != Form::list) texts = split_list(value.texts.front());
        if (setting.type.is_path)
            for (std::string& text : texts) text = beside_file(value.origin, text);
        return texts;
    }

    // A file's relative paths start where the file is; everybody else's in the working folder.
    static std::string beside_file(const Origin& origin, const std::string& path) {
        const std::filesystem::path below(path);
        if (origin.kind != Origin::Kind::file || path.empty() || below.is_absolute()) return path;
        return (std::filesystem::path(origin.name).parent_path() / below).string();
    }

    // Configuration files are copied and committed, and flags are shown by ps.
    // Of a URL the password alone is secret, of anything else all.
    static bool is_exposed(const Setting& setting, const RawValue& value) {
        if (value.origin.kind == Origin::Kind::environment || !value.origin.secret_file.empty()) return false;
        return std::ranges::any_of(value.texts, [&](const std::string& text) {
            if (!setting.type.is_url) return !text.empty();
            if (const auto database = db::parse_postgres_url(text)) return database->has_password;
            const auto url = parse_url_parts(text);
            return url && has_password(*url);
        });
    }

    static std::string exposed(const Setting& setting) {
        return "must not hold a password here; put " + std::string(setting.type.is_url ? "the URL" : "it") +
               " into a file that only the server can read and "
               "name it in " +
               std::string(setting.key) + "_file";
    }
};

std::vector<RawValue> read_flags(const std::vector<FlagValue>& flags) {
    std::vector<RawValue> values;
    for (const FlagValue& flag : flags) {
        const std::size_t index = find_setting(flag.key);
        const bool is_list = index != no_setting && settings()[index].type.is_list;
        // --listen A --listen B is one list.
        if (is_list && !values.empty() && values.back().key == flag.key) {
            values.back().texts.front() += "," + flag.text;
            continue;
        }
        RawValue value;
        value.key = flag.key;
        value.texts = {flag.text};
        value.origin.kind = Origin::Kind::flag;
        value.origin.name = flag.name;
        value.key_origin = value.origin;
        values.push_back(std::move(value));
    }
    return values;
}

std::string data_folder(const Loader& defaults, const std::vector<std::vector<RawValue>*>& layers) {
    std::string folder = defaults.config.data.dir;
    for (const auto* layer : layers)
        for (const RawValue& value : *layer)
            if (value.key == "data.dir") folder = value.texts.front();
    return folder;
}

void load_text(Loader& loader, std::string_view text, const std::string& file) {
    auto parsed = parse_toml(text, file);
    if (const auto* fault = std::get_if<TomlFault>(&parsed)) {
        const Origin origin{Origin::Kind::file, file, fault->line, fault->column, {}};
        return loader.refuse(origin, {}, shorten(fault->detail));
    }
    loader.store_all(std::get<std::vector<RawValue>>(parsed));
}

void load_file(Loader& loader, const std::string& path) {
    loader.config.file = path;
    const FileText file = read_file(path, limits::config_file_bytes);
    if (!file.text) return loader.faults.push_back({path, {}, "the configuration " + file.fault});
    load_text(loader, *file.text, path);
}

// The file that is found in the data folder cannot send the data elsewhere.
void check_data_folder(Loader& loader) {
    const Origin& origin = loader.config.origins[find_setting("data.dir")];
    if (origin.kind == Origin::Kind::file)
        loader.refuse(
            origin, "data.dir",
            "cannot be set in the file that is found in the data folder; name the file with --config");
}

bool is_there(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(path, error);
}

}  // namespace

std::string Origin::to_text() const {
    std::string text = kind == Kind::built_in ? "default" : name;
    if (kind == Kind::file) text += ":" + std::to_string(line);
    return secret_file.empty() ? text : text + ", from " + secret_file;
}

std::string ConfigFault::to_text() const {
    std::string text = where.empty() ? "" : where + ": ";
    if (!key.empty()) text += key + " ";
    return text + detail;
}

LoadedConfig load_config(const ConfigSources& sources) {
    Loader loader;
    EnvironmentValues environment = read_configuration(sources.environment);
    std::vector<RawValue> flags = read_flags(sources.flags);
    const std::string given(find_variable(sources.environment, "LODESTONE_CONFIG"));
    const std::string folder = data_folder(loader, {&environment.values, &flags});
    const std::string beside = (std::filesystem::path(folder) / "lodestone.toml").string();
    if (!sources.file.empty()) {
        load_file(loader, sources.file);
    } else if (!given.empty()) {
        load_file(loader, given);
    } else if (is_there(beside)) {
        load_file(loader, beside);
        check_data_folder(loader);
    }
    loader.store_all(environment.values);
    const bool has_listen_flag =
        std::ranges::any_of(sources.flags, [](const FlagValue& flag) { return flag.key == "server.listen"; });
    if (!environment.port.empty() && !has_listen_flag) {
        const std::size_t listen = find_setting("server.listen");
        if (auto fault = apply_port(environment.port, loader.config, loader.config.origins[listen]))
            loader.faults.push_back({"PORT", {}, *fault});
    }
    loader.store_all(flags);
    for (ConfigFault& fault : environment.faults) loader.faults.push_back(std::move(fault));
    loader.config.sources = sources;
    return {std::move(loader.config), std::move(loader.faults)};
}

LoadedConfig load_config_text(std::string_view toml, const std::string& file) {
    Loader loader;
    load_text(loader, toml, file);
    return {std::move(loader.config), std::move(loader.faults)};
}

ReloadedConfig reload_config(const Config& running) {
    LoadedConfig fresh = load_config(running.sources);
    ReloadedConfig result{running, {}, {}, std::move(fresh.faults)};
    if (!result.faults.empty()) return result;
    for (std::size_t i = 0; i < settings().size(); ++i) {
        const Setting& setting = settings()[i];
        if (setting.texts(running) == setting.texts(fresh.config)) continue;
        if (!setting.is_reloadable) {
            result.needs_restart.push_back(setting.key);
            continue;
        }
        result.changed.push_back(setting.key);
        setting.copy(fresh.config, result.config);
        result.config.origins[i] = fresh.config.origins[i];
    }
    return result;
}

}  // namespace lodestone::app
