// How a row of the table of settings is bound to its place in Config.
#pragma once

#include "app/config/config_kinds.hpp"

namespace lodestone::app {

template <class Kind>
struct FieldOf {
    static std::optional<Refused> store(typename Kind::Value& out, std::span<const std::string> texts) {
        if (texts.size() != 1) return Refused{"must be one value", "a list"};
        typename Kind::Value value = out;
        if (auto refusal = Kind::parse(texts.front(), value)) return Refused{*refusal, texts.front()};
        out = std::move(value);
        return std::nullopt;
    }
    static std::vector<std::string> texts(const typename Kind::Value& value) { return {Kind::render(value)}; }
};

template <class Kind>
struct FieldOf<kinds::List<Kind>> {
    using Value = typename kinds::List<Kind>::Value;
    static std::optional<Refused> store(Value& out, std::span<const std::string> texts) {
        Value values;
        for (const std::string& text : texts) {
            typename Kind::Value value{};
            if (auto refusal = Kind::parse(text, value)) return Refused{*refusal, text};
            values.push_back(std::move(value));
        }
        out = std::move(values);
        return std::nullopt;
    }
    static std::vector<std::string> texts(const Value& values) {
        std::vector<std::string> all;
        for (const auto& value : values) all.push_back(Kind::render(value));
        return all;
    }
};

// Binds a row of the table to its place in Config.
template <class Kind, auto section, auto field>
Setting row(Setting setting) {
    setting.type = Kind::type();
    setting.store = [](Config& config, std::span<const std::string> texts) {
        return FieldOf<Kind>::store(config.*section.*field, texts);
    };
    setting.texts = [](const Config& config) { return FieldOf<Kind>::texts(config.*section.*field); };
    setting.copy = [](const Config& from, Config& to) { to.*section.*field = from.*section.*field; };
    return setting;
}

constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t hour_ms = 3'600 * second_ms;
using Wait = kinds::Duration<0, hour_ms>;
// Of what is looked at every limits::sweep_interval: less would be over before anybody has begun.
using Patience = kinds::Duration<2 * std::chrono::milliseconds(limits::sweep_interval).count(), hour_ms>;
using Deadline = kinds::Duration<100, 24 * hour_ms>;
using Count = kinds::Integer<1, 1'000'000>;

// The rows about the database and Redis (config_settings_database.cpp).
std::vector<Setting> make_database_settings();
// Those about where bytes are kept (config_settings_blobs.cpp).
std::vector<Setting> make_blob_settings();

}  // namespace lodestone::app
