// Fuzzes the splitter of SQL files: no byte of a statement is lost, each statement is one and whole, and
// SQLite's own opinion about where statements end is the same. PostgreSQL has no such judge in its library:
// its server judges in splitter_judge_test.cpp.
#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "db/migrate/script.hpp"

using namespace lodestone;
using namespace lodestone::db;

namespace {

void check_split(std::string_view text, EngineKind engine) {
    std::vector<SqlStatement> statements;
    if (find_problem([&] { statements = split_statements(text, engine); })) return;
    const char* end = text.data();
    for (const SqlStatement& statement : statements) {
        ensure(!statement.text.empty() && statement.text.data() >= end, "statements stand in order");
        end = statement.text.data() + statement.text.size();
        ensure(end <= text.data() + text.size(), "and inside the text");
        const auto again = split_statements(statement.text, engine);
        ensure(again.size() == 1 && again[0].text == statement.text && again[0].line == 1,
               "a statement is one statement");
        if (engine != EngineKind::sqlite || text.find('\0') != text.npos) continue;
        const std::string whole = std::string(statement.text) + "\n;";
        ensure(sqlite3_complete(whole.c_str()) == 1, "SQLite finds it complete");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const EngineKind engine : {EngineKind::sqlite, EngineKind::postgres}) {
        check_split(text, engine);
        find_problem([&] {
            const Script script = parse_script("fuzz.sql", text, engine);
            ensure(script.text.find('\r') == std::string::npos, "lines end in one way");
            ensure(parse_script("fuzz.sql", script.text, engine).checksum == script.checksum,
                   "normalising is done once");
        });
    }
    return 0;
}
