// The layers of configuration, what each accepts and refuses, and that the table is whole.
#include "app/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "app/config/config_load.hpp"
#include "app/config/config_render.hpp"
#include "app/config/config_settings.hpp"
#include "support/files.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string faults_of(const std::vector<ConfigFault>& faults) {
    std::string text;
    for (const ConfigFault& fault : faults) text += (text.empty() ? "" : "\n") + fault.to_text();
    return text;
}

std::string value_of(const Config& config, std::string_view key) {
    const Setting& setting = settings()[find_setting(key)];
    std::string text;
    for (const std::string& part : setting.texts(config)) text += (text.empty() ? "" : ",") + part;
    return text;
}

std::string origin_of(const Config& config, std::string_view key) {
    return config.origins[find_setting(key)].to_text();
}

void write_file(const std::string& path, std::string_view text, mode_t mode = 0600) {
    std::ofstream(path, std::ios::binary) << text;
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

// The data folder is one that is not there, so that no lodestone.toml of the working folder's is found.
LoadedConfig load(Environment environment, std::vector<FlagValue> flags = {}, std::string file = {}) {
    environment.try_emplace("LODESTONE_DATA_DIR", "/nonexistent");
    return load_config({std::move(file), std::move(environment), std::move(flags)});
}

TEST(Settings, TheTableIsWhole) {
    std::set<std::string> names;
    std::set<std::string_view> flags;
    for (const Setting& setting : settings()) {
        SCOPED_TRACE(setting.key);
        EXPECT_EQ(std::count(setting.key.begin(), setting.key.end(), '.'), 1);
        EXPECT_TRUE(names.insert(setting.environment_name()).second) << "two keys share a variable";
        EXPECT_TRUE(setting.flag.empty() || flags.insert(setting.flag).second) << "two keys share a flag";
        EXPECT_FALSE(setting.type.name.empty());
        EXPECT_TRUE(setting.about.ends_with('.')) << setting.about;
        EXPECT_FALSE(section_about(setting.section()).empty());
        // The default can be written as it is shown, and is what Config starts with.
        Config config;
        const std::vector<std::string> texts = setting.texts(Config{});
        EXPECT_FALSE(setting.store(config, texts)) << "its default is refused";
        EXPECT_EQ(setting.texts(config), texts);
    }
    EXPECT_EQ(settings()[find_setting("server.idle_timeout")].environment_name(),
              "LODESTONE_SERVER_IDLE_TIMEOUT");
}

// Each file says in its first lines what must come of it: "# key = value" or "# fault: part of a sentence".
TEST(ConfigFile, AcceptsAndRefusesTheCorpus) {
    namespace fs = std::filesystem;
    const fs::path corpus = test::source_path("src/app/config/testdata/config");
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
        if (entry.path().extension() != ".toml") continue;
        SCOPED_TRACE(entry.path().filename().string());
        ++count;
        const std::string text = test::read_file(entry.path().string());
        const LoadedConfig loaded = load_config_text(text, "lodestone.toml");
        const std::string faults = faults_of(loaded.faults);
        const bool is_reject = entry.path().parent_path().filename() == "reject";
        EXPECT_EQ(is_reject, !loaded.faults.empty()) << faults;
        std::size_t expectations = 0;
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line) && line.starts_with("# ");) {
            ++expectations;
            if (const auto equals = line.find(" = "); !is_reject && equals != std::string::npos)
                EXPECT_EQ(value_of(loaded.config, line.substr(2, equals - 2)), line.substr(equals + 3));
            else
                EXPECT_THAT("# fault: " + faults, HasSubstr(line.substr(line.find(": ") + 2)));
        }
        EXPECT_GT(expectations, 0u) << "the file says nothing about what must come of it";
    }
    EXPECT_GE(count, 30u);
}

TEST(ConfigLayers, LaterOnesOverride) {
    const test::TempFolder folder;
    write_file(folder / "a.toml", "[server]\nthreads = 1\nconnections = 10\n[log]\nlevel = 'warn'\n");
    const LoadedConfig loaded = load({{"LODESTONE_SERVER_THREADS", "2"}, {"LODESTONE_LOG_LEVEL", "error"}},
                                     {{"--threads", "server.threads", "3"}}, folder / "a.toml");
    ASSERT_THAT(loaded.faults, IsEmpty()) << faults_of(loaded.faults);
    EXPECT_EQ(loaded.config.server.threads, 3u);
    EXPECT_EQ(loaded.config.log.level, LogLevel::error);
    EXPECT_EQ(loaded.config.server.connections, 10u);
    EXPECT_EQ(origin_of(loaded.config, "server.threads"), "--threads");
    EXPECT_EQ(origin_of(loaded.config, "log.level"), "LODESTONE_LOG_LEVEL");
    EXPECT_EQ(origin_of(loaded.config, "server.connections"), (folder / "a.toml") + ":3");
    EXPECT_EQ(origin_of(loaded.config, "server.idle_timeout"), "default");
}

TEST(ConfigLayers, FindTheFile) {
    const test::TempFolder folder;
    write_file(folder / "lodestone.toml", "[server]\nthreads = 1\n");
    write_file(folder / "named.toml", "[server]\nthreads = 2\n");
    write_file(folder / "given.toml", "[server]\nthreads = 3\n");
    const std::string data = folder / "";
    const auto threads = [&](Environment environment, const std::string& file) {
        const LoadedConfig loaded =
            load_config({file, std::move(environment), {{"--data", "data.dir", data}}});
        EXPECT_THAT(loaded.faults, IsEmpty()) << faults_of(loaded.faults);
        return loaded.config.server.threads;
    };
    EXPECT_EQ(threads({}, {}), 1u);
    EXPECT_EQ(threads({{"LODESTONE_CONFIG", folder / "named.toml"}}, {}), 2u);
    EXPECT_EQ(threads({{"LODESTONE_CONFIG", folder / "named.toml"}}, folder / "given.toml"), 3u);

    write_file(folder / "lodestone.toml", "data.dir = '/elsewhere'\n");
    EXPECT_THAT(faults_of(load_config({{}, {{"LODESTONE_DATA_DIR", data}}, {}}).faults),
                HasSubstr("cannot be set in the file that is found in the data folder"));
    write_file(folder / "other.toml", "data.dir = 'store'\n");
    EXPECT_EQ(load({{"LODESTONE_DATA_DIR", ""}}, {}, folder / "other.toml").config.data.dir,
              folder / "store");
    EXPECT_THAT(faults_of(load({}, {}, folder / "missing.toml").faults),
                HasSubstr("missing.toml: the configuration cannot be opened: No such file"));
    EXPECT_THAT(faults_of(load({}, {}, folder / "").faults), HasSubstr("cannot be read: Is a directory"));
}

TEST(ConfigEnvironment, RefusesUnknownNamesButNotOtherPeoples) {
    struct Row {
        std::string name;
        std::string fault;  // empty: not our business
    };
    for (const Row& row :
         {Row{"LODESTONE_SERVER_LISEN",
              "unknown environment variable; did you mean LODESTONE_SERVER_LISTEN?"},
          Row{"LODESTONE_SERVR_LISTEN", "did you mean LODESTONE_SERVER_LISTEN?"},
          Row{"LODESTONE_LOG_COLOUR_SCHEME", "LODESTONE_LOG_COLOUR_SCHEME: unknown environment variable"},
          Row{"LODESTONE_CONFG", "did you mean LODESTONE_CONFIG?"}, Row{"LODESTONE_ACCEPT", ""},
          Row{"LODESTONE_SERVICE_HOST", ""}, Row{"LODESTONE_SERVICE_PORT", ""},
          Row{"LODESTONE_SERVICE_PORT_HTTP", ""}, Row{"LODESTONE_PORT", ""},
          Row{"LODESTONE_SERVER_SERVICE_HOST", ""}, Row{"LODESTONE_SERVER_PORT", ""},
          Row{"LODESTONE_SERVER_PORT_8080_TCP_ADDR", ""}, Row{"LODESTONE_REDIS_PORT_6379_TCP", ""},
          Row{"SERVER_LISEN", ""}}) {
        const std::string faults = faults_of(load({{row.name, "x"}}).faults);
        if (row.fault.empty())
            EXPECT_EQ(faults, "") << row.name;
        else
            EXPECT_THAT(faults, HasSubstr(row.fault)) << row.name;
    }
    EXPECT_THAT(load({{"LODESTONE_SERVER_THREADS", ""}}).faults, IsEmpty()) << "empty is the same as none";
    EXPECT_EQ(faults_of(load({{"LODESTONE_SERVER_THREADS", "many"}}).faults),
              "LODESTONE_SERVER_THREADS: server.threads must be a whole number from 0 to 1024, not \"many\"");
}

TEST(ConfigEnvironment, PortSetsThePort) {
    const test::TempFolder folder;
    write_file(folder / "one.toml", "server.listen = ['127.0.0.1:1', 'unix:/x']\n");
    write_file(folder / "two.toml", "server.listen = ['127.0.0.1:1', '[::1]:1']\n");
    struct Row {
        Environment environment;
        std::vector<FlagValue> flags;
        std::string file;
        std::string listen;
        std::string origin;
    };
    const std::string one = folder / "one.toml";
    for (const Row& row :
         {Row{{{"PORT", "90"}}, {}, "", "0.0.0.0:90", "PORT"},
          Row{{{"PORT", "90"}}, {}, one, "127.0.0.1:90,unix:/x", "PORT"},
          Row{{{"PORT", "90"}, {"LODESTONE_SERVER_LISTEN", "[::]:80"}},
              {},
              one,
              "[::]:80",
              "LODESTONE_SERVER_LISTEN"},
          Row{{{"PORT", "x"}}, {{"--listen", "server.listen", "[::]:80"}}, one, "[::]:80", "--listen"}}) {
        const LoadedConfig loaded = load(row.environment, row.flags, row.file);
        EXPECT_EQ(faults_of(loaded.faults), "");
        EXPECT_EQ(value_of(loaded.config, "server.listen"), row.listen);
        EXPECT_EQ(origin_of(loaded.config, "server.listen"), row.origin);
    }
    EXPECT_EQ(faults_of(load({{"PORT", "65536"}}).faults), "PORT: must be a port number from 0 to 65535");
    EXPECT_THAT(faults_of(load({{"PORT", "90"}}, {}, folder / "two.toml").faults),
                HasSubstr("which has not exactly one TCP address"));
}

TEST(ConfigFlags, ListsAreRepeatedOrSeparatedByCommas) {
    const LoadedConfig loaded = load(
        {{"LODESTONE_EGRESS_ALLOW_HOSTS", "a.example, b.example ,"}},
        {{"--listen", "server.listen", "127.0.0.1:1"}, {"--listen", "server.listen", "127.0.0.1:2,unix:/x"}});
    EXPECT_EQ(value_of(loaded.config, "server.listen"), "127.0.0.1:1,127.0.0.1:2,unix:/x");
    EXPECT_THAT(loaded.config.egress.allowed_hosts, ElementsAre("a.example", "b.example"));
    EXPECT_EQ(faults_of(load({}, {{"--set", "server.lisen", "x"}}).faults),
              "--set: unknown key \"server.lisen\"; did you mean server.listen?");
}

TEST(ConfigSecrets, ComeFromFilesThatOnlyTheOwnerReads) {
    const test::TempFolder folder;
    const std::string url = "postgres://user:s3cret@db.example/lodestone";
    write_file(folder / "url", url + "\n");
    write_file(folder / "open", url, 0604);
    write_file(folder / "empty", "\n");
    write_file(folder / "a.toml", "[database]\nurl_file = 'url'\n");

    for (const LoadedConfig& loaded :
         {load({}, {}, folder / "a.toml"), load({{"LODESTONE_DATABASE_URL_FILE", folder / "url"}}),
          load({{"DATABASE_URL_FILE", folder / "url"}}), load({{"DATABASE_URL", url}}),
          load({{"LODESTONE_DATABASE_URL", url}, {"DATABASE_URL", "postgres://other.example/x"}})}) {
        EXPECT_EQ(faults_of(loaded.faults), "");
        EXPECT_EQ(loaded.config.database.url, url);
        EXPECT_THAT(render_config(loaded.config, false), Not(HasSubstr("s3cret")));
        EXPECT_THAT(render_config(loaded.config, false), HasSubstr("database.url = \"(set)\""));
        EXPECT_THAT(render_config_json(loaded.config), Not(HasSubstr("s3cret")));
    }
    EXPECT_EQ(origin_of(load({}, {}, folder / "a.toml").config, "database.url"),
              (folder / "a.toml") + ":2, from " + (folder / "url"));

    struct Row {
        std::string file;
        std::string fault;
    };
    for (const Row& row : {Row{"open", "is open to everybody (mode 0604); run: chmod 600 "},
                           Row{"missing", "cannot be opened: No such file or directory"},
                           Row{"empty", "is empty"}, Row{".", "is not a regular file"}})
        EXPECT_THAT(faults_of(load({{"LODESTONE_REDIS_URL_FILE", folder / row.file}}).faults),
                    HasSubstr(row.fault));
}

TEST(ConfigSecrets, AreNotTakenFromFlagsNorShownInErrors) {
    const std::string flag_fault =
        faults_of(load({}, {{"--set", "database.url", "postgres://user:secret@db.example/x"}}).faults);
    EXPECT_THAT(flag_fault, HasSubstr("name it in database.url_file"));
    EXPECT_THAT(flag_fault, Not(HasSubstr("secret@")));
    EXPECT_EQ(load({}, {{"--set", "database.url", "postgres://user@db.example/x"}}).config.database.url,
              "postgres://user@db.example/x");
    const std::string wrong = faults_of(load({{"DATABASE_URL", "mysql://user:secret@db.example/x"}}).faults);
    EXPECT_EQ(wrong, "DATABASE_URL: database.url must be a URL such as postgres://db.example/lodestone");
}

TEST(ConfigDatabase, TakesWhatLibpqTakesAsUrl) {
    for (const std::string url :
         {"postgres://db.example/lodestone",
          "postgresql://user@db.example:6432/lodestone?sslmode=verify-full",
          "postgres://one.example,two.example:5433/lodestone", "postgres:///lodestone?host=/run/postgresql",
          "postgres://%2Frun%2Fpostgresql/lodestone"}) {
        EXPECT_EQ(faults_of(load({{"DATABASE_URL", url}}).faults), "") << url;
        EXPECT_EQ(load({{"DATABASE_URL", url}}).config.database.url, url);
    }
    for (const std::string url : {"db.example", "http://db.example/", "sqlite:x.db", "postgres:lodestone"})
        EXPECT_THAT(faults_of(load({{"DATABASE_URL", url}}).faults), HasSubstr("must be a URL such as"))
            << url;
}

TEST(ConfigReload, TakesOverWhatMayChange) {
    const test::TempFolder folder;
    write_file(folder / "a.toml", "[log]\nlevel = 'warn'\n");
    const Config running = load({}, {}, folder / "a.toml").config;

    write_file(folder / "a.toml", "[server]\nthreads = 7\n[log]\nlevel = 'debug'\n");
    const ReloadedConfig reloaded = reload_config(running);
    EXPECT_EQ(faults_of(reloaded.faults), "");
    EXPECT_THAT(reloaded.changed, ElementsAre("log.level"));
    EXPECT_THAT(reloaded.needs_restart, ElementsAre("server.threads"));
    EXPECT_EQ(reloaded.config.log.level, LogLevel::debug);
    EXPECT_EQ(reloaded.config.server.threads, 0u);

    write_file(folder / "a.toml", "[log]\nlevel = 'loud'\n");
    const ReloadedConfig refused = reload_config(reloaded.config);
    EXPECT_EQ(refused.faults.size(), 1u);
    EXPECT_EQ(refused.config.log.level, LogLevel::debug);
}

TEST(ConfigMeaning, WhatAutoMeans) {
    Config config;
    EXPECT_GE(config.thread_count(), 1u);
    EXPECT_EQ(config.log_format(true), LogFormat::pretty);
    EXPECT_EQ(config.log_format(false), LogFormat::json);
    config.log.format = LogFormatChoice::json;
    EXPECT_EQ(config.log_format(true), LogFormat::json);
}

TEST(ConfigShow, PrintsTomlThatCanBeReadAgain) {
    const LoadedConfig loaded =
        load({}, {{"--set", "server.trusted_proxies", "10.0.0.0/8,2001:db8::/32,192.0.2.7,unix"},
                  {"--set", "tls.minimum_version", "1.3"},
                  {"--set", "log.file", "a \"quoted\" name"}});
    const std::string shown = render_config(loaded.config, false);
    const LoadedConfig again = load_config_text(shown, "shown.toml");
    EXPECT_EQ(faults_of(again.faults), "");
    EXPECT_TRUE(again.config.server.trusted_proxies.back().is_unix);
    for (const Setting& setting : settings())
        EXPECT_EQ(setting.texts(again.config), setting.texts(loaded.config)) << setting.key;
}

TEST(ConfigValues, HaveARangeThatMakesSense) {
    const struct {
        const char* key;
        const char* text;
        const char* fault;
    } rows[] = {
        {"server.body_grace", "0s", "must be a duration from 1s to 1h"},
        {"egress.allow_networks", "unix", "must be a network or address"},
    };
    for (const auto& row : rows)
        EXPECT_THAT(faults_of(load({}, {{"--set", row.key, row.text}}).faults), HasSubstr(row.fault))
            << row.key;
}

TEST(ConfigShow, ShowsNoSecretOfAUrl) {
    const LoadedConfig loaded =
        load({}, {{"--set", "tracing.otlp_url", "https://traces.example/v1?key=s3cret"}});
    for (const std::string& shown :
         {render_config(loaded.config, false), render_config_json(loaded.config)}) {
        EXPECT_NE(shown.find("traces.example"), std::string::npos);
        EXPECT_EQ(shown.find("s3cret"), std::string::npos) << shown;
    }
    const std::string fault =
        faults_of(load({}, {{"--set", "server.public_url", "https://a:s3cret@b/"}}).faults);
    EXPECT_NE(fault.find("(hidden)@b"), std::string::npos) << fault;
    EXPECT_EQ(fault.find("s3cret"), std::string::npos) << fault;
}

}  // namespace
}  // namespace lodestone::app
