// What a command is called, takes and means, as plain data: the parser, the help texts, the shell completions
// and the reference are all made from it.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/terminal/terminal.hpp"
#include "base/problem.hpp"

namespace lodestone::app {

// Where a command reads its surroundings and writes its answers; tests give their own.
struct Console {
    std::ostream& out;
    std::ostream& err;
    bool out_has_colours = false;
    bool err_has_colours = false;
    bool err_is_terminal = false;  // somebody looks on, whether or not they want colours
    Environment environment{};

    // "lodestone: …" on standard error.
    void complain(std::string_view sentence);
};

struct OptionSpec {
    // What a shell may complete the value with.
    enum class Takes { text, file, folder, setting };
    std::string name;           // "--listen"
    std::string placeholder{};  // empty: a switch without a value
    std::string about;
    std::string key{};  // the setting that it gives
    std::vector<std::string> choices{};
    Takes takes = Takes::text;
    bool is_repeatable = false;  // else the last one counts
};

struct OperandSpec {
    std::string name;
    std::string about;
    std::vector<std::string> choices;
};

struct Example {
    std::string line;
    std::string about;
};

// What was given, by option (operands under their name).
class Arguments {
  public:
    bool has(std::string_view name) const { return values_.contains(name); }
    std::string last(std::string_view name, std::string_view fallback = {}) const;
    const std::vector<std::string>& all(std::string_view name) const;
    void add(const std::string& name, std::vector<std::string> values);

  private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

struct CommandSpec {
    std::string name;
    std::string about;      // one line, without a full stop
    std::string details{};  // paragraphs
    std::vector<OptionSpec> options{};
    std::vector<OperandSpec> operands{};
    std::vector<Example> examples{};
    std::vector<CommandSpec> commands{};
    // Answers the exit code; without it the command only has others below.
    int (*run)(const CommandSpec& self, const Arguments& arguments, Console& console) = nullptr;
};

// Words that were understood and make no sense together: ends with the exit code of wrong usage, where any
// other Problem is a failure. A fault of the configuration counts as one, and is no matter for --help.
class WrongUsage : public Problem {
  public:
    enum class Of : std::uint8_t { words, configuration };
    explicit WrongUsage(std::string sentence, Of of = Of::words)
        : Problem(problems::invalid_input, std::move(sentence)), of_(of) {}
    // Every fault of a configuration, each with its sentence.
    explicit WrongUsage(std::vector<std::string> faults) : WrongUsage(faults.front(), Of::configuration) {
        sentences_ = std::move(faults);
    }
    bool is_of_words() const { return of_ == Of::words; }
    const std::vector<std::string>& sentences() const { return sentences_; }

  private:
    Of of_;
    std::vector<std::string> sentences_{detail()};
};

struct ParsedCommand {
    std::vector<const CommandSpec*> path;  // from the root to the command
    Arguments arguments;
    bool wants_help = false;
    std::string fault;  // one sentence; empty when all is well

    const CommandSpec& command() const { return *path.back(); }
};
ParsedCommand parse_command_line(const CommandSpec& root, std::vector<std::string> words);

}  // namespace lodestone::app
