// The commands as a person meets them: help, wrong usage, exit codes, JSON; and the documents made from them.
#include "app/commands/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <sstream>

#include "app/commands/command_help.hpp"
#include "app/commands/command_list.hpp"
#include "app/commands/command_version.hpp"
#include "support/golden.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

struct Outcome {
    int code;
    std::string out;
    std::string err;
};

Outcome run_words(const std::vector<std::string>& words, Environment environment = {},
                  bool has_colours = false) {
    std::ostringstream out;
    std::ostringstream err;
    // A data folder that is not there, so that no lodestone.toml of the working folder's is found.
    environment.try_emplace("LODESTONE_DATA_DIR", "/nonexistent");
    Console console{.out = out,
                    .err = err,
                    .out_has_colours = has_colours,
                    .err_has_colours = has_colours,
                    .environment = std::move(environment)};
    const int code = run_command(words, console);
    return {code, out.str(), err.str()};
}

TEST(Commands, AloneItPrintsHelp) {
    const Outcome outcome = run_words({});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.out, StartsWith("Usage: lodestone COMMAND"));
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(run_words({"--help"}).out, outcome.out);
    EXPECT_EQ(run_words({"help"}).out, outcome.out);
    EXPECT_EQ(run_words({"help", "config", "show"}).out, run_words({"config", "show", "-h"}).out);
    EXPECT_THAT(run_words({"config"}).out, HasSubstr("lodestone config COMMAND"));
}

TEST(Commands, WrongConfigurationIsToldWholeWhateverTheCommand) {
    for (std::vector<std::string> words : std::vector<std::vector<std::string>>{{"user", "list"},
                                                                                {"backup", "x"},
                                                                                {"restore", "x"},
                                                                                {"migrate", "status"},
                                                                                {"config", "show"}}) {
        words.insert(words.end(), {"--set", "nope=1", "--set", "nope2=1"});
        const Outcome outcome = run_words(words);
        EXPECT_EQ(outcome.code, 2) << words.front();
        EXPECT_THAT(outcome.err, HasSubstr("\"nope\"")) << words.front();
        EXPECT_THAT(outcome.err, HasSubstr("\"nope2\"")) << words.front();
    }
}

TEST(Commands, ColoursAreOnlyForTerminals) {
    EXPECT_THAT(run_words({}, {}, true).out, HasSubstr("\x1b["));
    EXPECT_THAT(run_words({}, {}, false).out, Not(HasSubstr("\x1b[")));
    EXPECT_THAT(run_words({"nothing"}, {}, true).err, HasSubstr("\x1b["));
}

TEST(Commands, WrongUsageNamesTheNearest) {
    struct Row {
        std::vector<std::string> words;
        std::string sentence;
    };
    for (const Row& row :
         {Row{{"sevre"}, "lodestone: unknown command sevre; did you mean serve?"},
          Row{{"blue"}, "lodestone: unknown command blue\n"},
          Row{{"config", "chek"}, "unknown command chek; did you mean check?"},
          Row{{"serve", "--lisen", "x"}, "unknown option --lisen; did you mean --listen?"},
          Row{{"serve", "--lisen=x"}, "unknown option --lisen; did you mean --listen?"},
          Row{{"--verison"}, "unknown option --verison; did you mean --version?"},
          Row{{"serve", "-x"}, "unknown option -x\n"}, Row{{"serve", "here"}, "unexpected argument here"},
          Row{{"serve", "--listen"}, "--listen needs a value"},
          Row{{"serve", "--set", "log.level"}, "--set takes KEY=VALUE, not log.level"},
          Row{{"serve", "--set", "log.levle=info"}, "unknown key \"log.levle\"; did you mean log.level?"},
          Row{{"serve", "--log-level", "loud"}, "--log-level: log.level must be one of debug, info"},
          Row{{"serve", "--listen", "8080"}, "--listen: server.listen must be an address such as"},
          Row{{"serve", "--set", "redis.url=http://cache.example"}, "redis.url must be a URL such as"},
          Row{{"completion"}, "which shell? bash, zsh or fish"},
          Row{{"completion", "bsh"}, "unknown shell bsh; did you mean bash?"},
          Row{{"healthcheck", "--timeout", "soon"}, "--timeout must be a duration"},
          Row{{"healthcheck", "--url", "ftp://lodestone.example"}, "--url must be http://HOST:PORT, https"},
          Row{{"healthcheck", "--listen", "127.0.0.1:0"}, "say where with --url"}}) {
        const Outcome outcome = run_words(row.words);
        EXPECT_EQ(outcome.code, 2) << row.sentence;
        EXPECT_THAT(outcome.err, StartsWith("lodestone: "));
        EXPECT_THAT(outcome.err, HasSubstr(row.sentence));
        EXPECT_EQ(outcome.out, "");
    }
}

TEST(Commands, Version) {
    const Outcome line = run_words({"--version"});
    EXPECT_EQ(line.code, 0);
    EXPECT_EQ(line.out, render_version_line());
    EXPECT_THAT(line.out, StartsWith("lodestone " + std::string(version_number()) + " ("));
    EXPECT_THAT(run_words({"version"}).out, HasSubstr("OpenSSL: 3."));
    const auto answer = boost::json::parse(run_words({"version", "--json"}).out);
    EXPECT_EQ(answer.at("version").as_string(), version_number());
    for (const char* name : {"Boost", "SQLite", "libpq"})
        EXPECT_THAT(std::string(answer.at("libraries").at(name).as_string()),
                    MatchesRegex("[0-9]+[.][0-9]+.*"))
            << name;
}

TEST(Commands, ConfigShowSaysWhereValuesComeFrom) {
    const Outcome outcome =
        run_words({"config", "show", "--listen=127.0.0.1:9000", "--listen", "127.0.0.1:9001"},
                  {{"LODESTONE_LOG_LEVEL", "warn"}});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                HasSubstr("server.listen = [\"127.0.0.1:9000\", \"127.0.0.1:9001\"]  # --listen\n"));
    EXPECT_THAT(outcome.out, ::testing::ContainsRegex("log.level = \"warn\" +# LODESTONE_LOG_LEVEL\n"));
    const auto answer = boost::json::parse(run_words({"config", "show", "--json"}).out);
    EXPECT_EQ(answer.at("settings").at(0).at("key").as_string(), "data.dir");
    EXPECT_EQ(answer.at("settings").at(0).at("origin").as_string(), "LODESTONE_DATA_DIR");
}

TEST(Commands, ConfigCheckFindsEverythingAtOnce) {
    const Outcome sound = run_words({"config", "check"});
    EXPECT_EQ(sound.code, 0) << sound.err;
    EXPECT_EQ(sound.out, "The configuration is sound; no file was read.\n");
    const std::vector<std::string> words{"config", "check", "--threads", "x", "--tls-listen", "[::]:0"};
    const Outcome faulty = run_words(words);
    EXPECT_EQ(faulty.code, 2);
    EXPECT_THAT(faulty.err, HasSubstr("--threads: server.threads must be"));
    EXPECT_THAT(faulty.err, HasSubstr("tls.listen needs tls.certificate_file"));
    std::vector<std::string> json_words = words;
    json_words.emplace_back("--json");
    const Outcome as_json = run_words(json_words);
    EXPECT_EQ(as_json.code, 2);
    const auto answer = boost::json::parse(as_json.out);
    EXPECT_FALSE(answer.at("sound").as_bool());
    EXPECT_EQ(answer.at("faults").as_array().size(), 2u);
}

TEST(Commands, TheLastOneOfAnOptionCounts) {
    const Outcome outcome = run_words({"config", "show", "--log-level", "warn", "--log-level", "error"});
    EXPECT_THAT(outcome.out, HasSubstr("log.level = \"error\""));
}

// Every text that the program prints about itself is complete: no command, option or example without words.
TEST(Commands, EverythingIsExplained) {
    const std::function<void(const CommandSpec&)> check = [&](const CommandSpec& command) {
        SCOPED_TRACE(command.name);
        EXPECT_FALSE(command.about.empty());
        EXPECT_FALSE(command.about.ends_with('.'));
        EXPECT_TRUE(command.run != nullptr || !command.commands.empty());
        EXPECT_TRUE(command.run == nullptr || !command.examples.empty());
        for (const OptionSpec& option : command.options)
            EXPECT_TRUE(option.about.ends_with('.')) << option.name;
        for (const CommandSpec& below : command.commands) check(below);
    };
    check(command_tree());
}

TEST(Documents, CommandsAreUpToDate) {
    test::check_golden("docs/user/commands.md", render_commands_reference(command_tree()));
}

TEST(Documents, ConfigurationIsUpToDate) {
    test::check_golden("docs/user/configuration.md", run_words({"config", "reference"}).out);
}

TEST(Documents, ConfigurationShownIsUpToDate) {
    test::check_golden("tests/golden/config_show.txt", run_words({"config", "show"}).out);
}

TEST(Documents, ConfigurationShownInJsonIsUpToDate) {
    test::check_golden("tests/golden/config_show.json", run_words({"config", "show", "--json"}).out);
}

TEST(Documents, ReferenceInJsonHasEverySetting) {
    const auto answer = boost::json::parse(run_words({"config", "reference", "--json"}).out);
    ASSERT_FALSE(answer.as_array().empty());
    for (const auto& entry : answer.as_array()) EXPECT_FALSE(entry.at("about").as_string().empty());
}

}  // namespace
}  // namespace lodestone::app
