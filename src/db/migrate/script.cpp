// Reads a file's directives and looks through its statements.
#include "db/migrate/script.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"
#include "db/migrate/checksum.hpp"
#include "db/migrate/sql_lexer.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;

[[noreturn]] void refuse(const std::string& file, std::size_t line, const std::string& why) {
    const std::string where = line == 0 ? file : file + ":" + std::to_string(line);
    throw Problem(problems::invalid_input, where + ": " + why + ".");
}

std::string_view take_word(std::string_view& rest) {
    const auto begin = std::min(rest.find_first_not_of(' '), rest.size());
    const auto end = std::min(rest.find(' ', begin), rest.size());
    const std::string_view word = rest.substr(begin, end - begin);
    rest.remove_prefix(std::min(rest.find_first_not_of(' ', end), rest.size()));
    return word;
}

// "500ms", "2s", "30min"; at most a day.
std::optional<milliseconds> parse_duration(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> units{
        {{"ms", 1}, {"s", 1'000}, {"min", 60'000}}};
    const auto* const found =
        std::ranges::find(units, unit, &std::pair<std::string_view, std::int64_t>::first);
    constexpr std::int64_t day_ms = 86'400'000;
    if (fault != std::errc() || found == units.end() || number <= 0 || number > day_ms / found->second)
        return {};
    return milliseconds(number * found->second);
}

milliseconds read_duration(const Script& script, std::size_t line, std::string_view text) {
    const auto duration = parse_duration(text);
    if (!duration) refuse(script.file, line, "a time is written like 500ms, 2s or 30min");
    return *duration;
}

void read_directive(Script& script, std::size_t line, std::string_view rest) {
    const std::string_view name = take_word(rest);
    if (name == "no-transaction" && rest.empty()) {
        script.is_transactional = false;
    } else if (name == "lock-timeout") {
        script.lock_timeout = read_duration(script, line, rest);
    } else if (name == "statement-timeout") {
        script.statement_timeout = read_duration(script, line, rest);
    } else if (name == "lint-ignore") {
        const std::string rule(take_word(rest));
        if (take_word(rest) != "because" || rest.empty())
            refuse(script.file, line, "lint-ignore is written: lint-ignore RULE because REASON");
        script.ignores.push_back({rule, std::string(rest)});
    } else {
        refuse(script.file, line, "no directive is written like this: " + std::string(name));
    }
}

// The comments at the top; a directive further down would be overlooked by people, so it is refused.
void read_directives(Script& script) {
    constexpr std::string_view mark = "-- lodestone:";
    std::size_t line = 1;
    bool is_top = true;
    for (std::size_t at = 0; at < script.text.size(); ++line) {
        const std::size_t end = std::min(script.text.find('\n', at), script.text.size());
        std::string_view content = std::string_view(script.text).substr(at, end - at);
        content = content.substr(0, content.find_last_not_of(" \t") + 1);
        is_top = is_top && (content.empty() || content.starts_with("--"));
        if (content.starts_with(mark)) {
            if (!is_top) refuse(script.file, line, "directives stand at the top of the file");
            read_directive(script, line, content.substr(mark.size()));
        }
        at = end + 1;
    }
}

void check_statement(const Script& script, const SqlStatement& statement) {
    constexpr std::string_view transaction_words[] = {"BEGIN",    "START", "COMMIT",    "END",
                                                      "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"};
    constexpr std::string_view file_words[] = {"ATTACH", "DETACH"};
    constexpr std::string_view harmless_twice[] = {"PRAGMA", "VACUUM", "ANALYZE", "REINDEX"};
    const Token first = SqlLexer(statement.text, script.engine).next_significant();
    const auto is_one_of = [&first](const auto& words) {
        return std::ranges::any_of(words, [&first](auto word) { return first.is_word(word); });
    };
    if (is_one_of(transaction_words))
        refuse(script.file, statement.line, "transactions are the runner's; take this statement away");
    if (is_one_of(file_words)) refuse(script.file, statement.line, "a migration changes one database only");
    // There is no lock that lasts longer than a transaction.
    if (script.engine == EngineKind::sqlite && !script.is_transactional && !is_one_of(harmless_twice))
        refuse(script.file, statement.line,
               "outside a transaction SQLite may run this twice; only PRAGMA, VACUUM, ANALYZE and REINDEX "
               "can stand here");
}

}  // namespace

Script parse_script(std::string file, std::string_view text, EngineKind engine) {
    if (text.size() > limits::migration_file_bytes) refuse(file, 0, "the file is too large for a migration");
    if (!is_utf8(text) || text.find('\0') != text.npos) refuse(file, 0, "the file is not UTF-8 text");
    Script script{.file = std::move(file), .text = normalize_text(text), .engine = engine};
    script.checksum = sha256_hex(script.text);
    read_directives(script);
    std::vector<SqlStatement> statements;
    const auto fault = find_problem([&] { statements = script.statements(); });
    if (fault) refuse(script.file, 0, *fault);
    for (const SqlStatement& statement : statements) check_statement(script, statement);
    return script;
}

}  // namespace lodestone::db
