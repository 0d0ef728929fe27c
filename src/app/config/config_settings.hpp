// The table of settings: the single source for the keys of the file, the names of environment variables, the
// flags of `serve`, `config show`, the reference and the suggestions in errors.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/config.hpp"

namespace lodestone::app {

// How a value is written in TOML and JSON.
enum class ValueShape { text, boolean, integer, decimal };

struct SettingType {
    std::string name;              // "duration", "list of sizes"
    std::string_view placeholder;  // DURATION, FILE
    ValueShape shape = ValueShape::text;
    bool is_list = false;
    bool is_url = false;   // shown without user information and query
    bool is_path = false;  // relative ones in the file are relative to the file's folder
    std::vector<std::string_view> choices{};
};

// Why a text was not stored: "must be a duration such as …", and which one of a list it was.
struct Refused {
    std::string expected;
    std::string text;
};

struct Setting {
    std::string_view key;  // section.name
    SettingType type{};
    std::string_view about;       // one or two sentences
    std::string_view flag{};      // of `serve`; empty: --set key=value
    std::string_view variable{};  // the customary name beside LODESTONE_…
    bool is_secret = false;       // may hold a password: never shown, and readable from key + "_file"
    bool is_reloadable = false;

    // Stores what the texts say or leaves the old value and answers why not.
    std::optional<Refused> (*store)(Config& config, std::span<const std::string> texts) = nullptr;
    // The value as it could be written; empty for an empty list, one text for what is no list.
    std::vector<std::string> (*texts)(const Config& config) = nullptr;
    void (*copy)(const Config& from, Config& to) = nullptr;

    std::string_view section() const { return key.substr(0, key.find('.')); }
    std::string environment_name() const;  // LODESTONE_SECTION_NAME
};

// In the order of the reference, section by section.
std::span<const Setting> settings();
std::span<const std::string_view> setting_keys();
// npos when there is none; the index is also that of Config::origins.
inline constexpr std::size_t no_setting = static_cast<std::size_t>(-1);
std::size_t find_setting(std::string_view key);

// What stands before the settings of a section in the reference.
std::string_view section_about(std::string_view section);

}  // namespace lodestone::app
