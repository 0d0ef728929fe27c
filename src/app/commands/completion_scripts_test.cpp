// The completion scripts: bash's is run, zsh's and fish's at least parse where those shells are installed.
#include "app/commands/completion_scripts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include "app/commands/command_list.hpp"
#include "base/secret_file.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// What a command prints, and whether it succeeded.
std::pair<std::string, bool> run_shell(const std::string& command) {
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return {"", false};
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    return {text, ::pclose(pipe) == 0};
}

// What bash offers for the last of these words.
std::set<std::string> complete(const std::string& script, const std::vector<std::string>& words,
                               const std::string& folder = "/") {
    std::string program =
        "cd " + quote_for_shell(folder) + " && source " + quote_for_shell(script) + " && COMP_WORDS=(";
    for (const std::string& word : words) program += quote_for_shell(word) + " ";
    program += ") COMP_CWORD=" + std::to_string(words.size() - 1) +
               "; _lodestone; printf '%s\\n' \"${COMPREPLY[@]}\"";
    const auto [text, is_done] = run_shell("bash -c " + quote_for_shell(program) + " 2>&1");
    EXPECT_TRUE(is_done) << text;
    std::set<std::string> offers;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) offers.insert(line);
    return offers;
}

TEST(Completion, BashOffersWhatFits) {
    const test::TempFolder folder;
    const std::string script = folder / "lodestone.bash";
    std::ofstream(script) << render_bash_completion(command_tree());
    std::ofstream(folder / "a file.toml") << "";
    using Offers = std::set<std::string>;

    EXPECT_THAT(complete(script, {"lodestone", ""}),
                AllOf(Contains("serve"), Contains("config"), Contains("--help")));
    EXPECT_EQ(complete(script, {"lodestone", "ser"}), Offers{"serve"});
    EXPECT_EQ(complete(script, {"lodestone", "config", "s"}), Offers{"show"});
    EXPECT_EQ(complete(script, {"lodestone", "config", "show", "--js"}), Offers{"--json"});
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--lis"}), Offers{"--listen"});
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--js"}), Offers{});
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--log-level", "w"}), Offers{"warn"});
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--log-level", "=", "e"}), Offers{"error"});
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--log-format", "="}),
              (Offers{"auto", "json", "pretty"}));
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--set", "server.li"}), Offers{"server.listen="});
    EXPECT_EQ(complete(script, {"lodestone", "completion", ""}), (Offers{"bash", "zsh", "fish", "--help"}));
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--config", "a"}, folder / ""), Offers{"a file.toml"});
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--data", "a"}, folder / ""), Offers{});
    EXPECT_EQ(complete(script, {"lodestone", "serve", "--listen", "x"}), Offers{});
}

void check_syntax(const std::string& shell, const std::string& text) {
    if (!run_shell("command -v " + shell).second) GTEST_SKIP() << shell << " is not installed";
    const test::TempFolder folder;
    std::ofstream(folder / "script") << text;
    const auto [output, is_right] = run_shell(shell + " -n " + quote_for_shell(folder / "script") + " 2>&1");
    EXPECT_TRUE(is_right) << output;
}

TEST(Completion, ZshParses) {
    check_syntax("zsh", render_zsh_completion(command_tree()));
}

TEST(Completion, FishParses) {
    check_syntax("fish", render_fish_completion(command_tree()));
}

// Whatever the shell, nothing of the tree is left out.
TEST(Completion, EveryWordIsInEveryScript) {
    for (const std::string& script :
         {render_bash_completion(command_tree()), render_zsh_completion(command_tree()),
          render_fish_completion(command_tree())}) {
        for (const std::string word : {"serve", "healthcheck", "reference", "tls-certificate-file", "pretty",
                                       "server.trusted_proxies=", "json"})
            EXPECT_THAT(script, HasSubstr(word));
        EXPECT_THAT(script, Not(HasSubstr("\x1b")));
    }
}

}  // namespace
}  // namespace lodestone::app
