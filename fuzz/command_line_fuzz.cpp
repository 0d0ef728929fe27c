// The command line, one word per line of the input: it is understood or refused with one sentence.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands/command_list.hpp"
#include "base/ensure.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lodestone;
    std::vector<std::string> words(1);
    for (const char c : std::string_view(reinterpret_cast<const char*>(data), size)) {
        if (c == '\0') return 0;  // arguments cannot hold it
        if (c == '\n')
            words.emplace_back();
        else
            words.back() += c;
    }
    const app::ParsedCommand parsed = app::parse_command_line(app::command_tree(), words);
    ensure(parsed.path.front() == &app::command_tree(), "a path begins at the root");
    return 0;
}
