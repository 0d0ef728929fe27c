// The reference of every setting, as Markdown (docs/user/configuration.md) and JSON, from the table.
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/config/config_render.hpp"
#include "app/config/config_settings.hpp"

namespace lodestone::app {
namespace {

constexpr std::string_view introduction =
    R"(<!-- Every setting of Lodestone. Made by `lodestone config reference` from the program's own table: edit that. -->
# Configuration

Nothing has to be configured: `lodestone serve --data DIR --listen HOST:PORT` starts a server. What is configured
comes from four places; each overrides the ones before it:

1. **The defaults** below.
2. **One TOML file**: `--config FILE`, else the file that `LODESTONE_CONFIG` names, else `lodestone.toml` in the data
   folder if it is there, else none. `data.dir` cannot be set in the file that is found in the data folder.
3. **The environment**: `LODESTONE_SECTION_NAME` for every key, so `server.listen` is `LODESTONE_SERVER_LISTEN`, and the
   customary `DATABASE_URL`, `REDIS_URL` and `PORT`, which ours override. An empty variable is the same as none.
   `PORT` replaces the port of the file's one TCP address in `server.listen`; when the file gives no `server.listen`
   it means `0.0.0.0:PORT`; with `LODESTONE_SERVER_LISTEN` or `--listen` it is not looked at.
4. **Flags**: the common settings have one of their own, every other is `--set key=value`.

A key, variable or flag that nobody knows is an error, with the nearest name; so is a value of the wrong type or
out of range. `lodestone config check` finds all of them at once, and whether the files exist and parse;
`lodestone config show` prints every value with where it came from.

```toml
[server]
listen = ["127.0.0.1:8080", "unix:/run/lodestone/lodestone.sock"]
public_url = "https://lodestone.example"
trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
idle_timeout = "2m"

[log]
level = "warn"
```

**Durations** are a whole number and a unit: `500ms`, `30s`, `2m`, `12h`, `7d`. **Sizes** are bytes or a number with
`KiB`, `MiB`, `GiB`, `TiB` (powers of 1024) or `kB`, `MB`, `GB`, `TB` (powers of 1000). **Lists** are arrays in TOML and
separated by commas in the environment and in flags; a flag of a list may also be repeated. **Paths** in the file
are relative to the folder of the file, elsewhere to the working folder.

**Secrets** are given as files. Settings that end in `_file` name one; those that may hold a password (`database.url`,
`redis.url`) can be read from one with `_file` behind the key (`database.url_file`) or the variable
(`LODESTONE_DATABASE_URL_FILE`, `DATABASE_URL_FILE`). A password in the TOML file or in a flag is refused, because files
are copied and flags are shown by `ps`. A secret's file must be open to its owner only (`chmod 600`), with two
exceptions: a file that belongs to root may be readable by one group (mode 0440 or 0640, as systemd's credentials are),
and files below `/run/secrets`, which only the container sees, may be readable by everybody.

**Changing while running**: `systemctl reload lodestone` (SIGHUP) reads everything again. Settings marked *reloadable*
take effect at once, the others at the next start. With a mistake anywhere in the configuration, every setting stays as
it was; the certificate and the log file, as they were set before, are still opened anew. What cannot be opened leaves
the old one in use and does not hold up the rest.
)";

std::string code(std::string_view text) {
    return "`" + std::string(text) + "`";
}

std::string default_text(const Setting& setting) {
    std::string text;
    for (const std::string& part : setting.texts(Config{})) text += (text.empty() ? "" : ",") + part;
    return text;
}

std::string render_setting(const Setting& setting) {
    const std::string value = default_text(setting);
    std::string text = "\n### " + code(setting.key) + "\n\n" + std::string(setting.about) + "\n\n";
    text += "* Type: " + setting.type.name + "; default: " + (value.empty() ? "empty" : code(value)) + "\n";
    text += "* Environment: " + code(setting.environment_name());
    if (!setting.variable.empty()) text += ", " + code(setting.variable);
    if (!setting.flag.empty())
        text += "; flag: " + code(std::string(setting.flag) + " " + std::string(setting.type.placeholder));
    text += setting.is_reloadable ? "; reloadable\n" : "\n";
    if (setting.is_secret)
        text += "* May hold a password: " + code(std::string(setting.key) + "_file") + " names a file.\n";
    return text;
}

}  // namespace

std::string render_reference() {
    std::string text(introduction);
    std::string_view section;
    for (const Setting& setting : settings()) {
        if (setting.section() != section) {
            section = setting.section();
            text += "\n## " + std::string(section) + "\n\n" + std::string(section_about(section)) + "\n";
        }
        text += render_setting(setting);
    }
    return text;
}

std::string render_reference_json() {
    boost::json::array all;
    for (const Setting& setting : settings()) {
        boost::json::object entry{{"key", setting.key},
                                  {"type", setting.type.name},
                                  {"default", default_text(setting)},
                                  {"environment", setting.environment_name()},
                                  {"flag", setting.flag},
                                  {"secret", setting.is_secret},
                                  {"reloadable", setting.is_reloadable},
                                  {"about", setting.about}};
        if (!setting.variable.empty()) entry["variable"] = setting.variable;
        all.push_back(std::move(entry));
    }
    return boost::json::serialize(all) + "\n";
}

}  // namespace lodestone::app
