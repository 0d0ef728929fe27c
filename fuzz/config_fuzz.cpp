// The configuration file's parser with everything behind it: whatever the text, it ends in a Config and
// faults, and what is shown of an accepted one is accepted again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/config/config_load.hpp"
#include "app/config/config_render.hpp"
#include "app/config/config_toml.hpp"
#include "base/ensure.hpp"

// A secret's file could be anything on this machine.
static bool names_a_file(std::string_view text) {
    return text.find("_file") != std::string_view::npos;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lodestone;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    app::parse_toml(text, "lodestone.toml");
    if (names_a_file(text)) return 0;
    const app::LoadedConfig loaded = app::load_config_text(text, "lodestone.toml");
    for (const app::ConfigFault& fault : loaded.faults) {
        ensure(!fault.detail.empty(), "a fault says what is wrong");
        for (const char c : fault.to_text())
            ensure(static_cast<unsigned char>(c) >= 0x20, "a fault is one line");
    }
    const bool holds_secrets = !loaded.config.database.url.empty() || !loaded.config.redis.url.empty();
    if (!loaded.faults.empty() || holds_secrets) return 0;
    const std::string shown = app::render_config(loaded.config, false);
    const app::LoadedConfig again = app::load_config_text(shown, "lodestone.toml");
    ensure(again.faults.empty(), "what is shown is accepted");
    ensure(app::render_config(again.config, false).size() > 0, "and can be shown again");
    return 0;
}
