// Fuzzes header fields: lists fall apart into trimmed members, and whatever is added to Headers stays one
// line with one name. The input is a sequence of "name:value" lines, NUL between them.
#include "http/message/headers.hpp"

#include <algorithm>
#include <cstdint>

#include "base/ensure.hpp"

using namespace lodestone;
using namespace lodestone::http;

namespace {

void check_list(std::string_view text) {
    for (const std::string_view member : split_list(text)) {
        ensure(!member.empty() && member == trim_whitespace(member), "members are trimmed and not empty");
        ensure(has_token(text, member), "a list has its members");
        ensure(member.data() >= text.data() && member.data() + member.size() <= text.data() + text.size(),
               "members are views");
        if (is_token(member)) ensure(split_list(member).size() == 1, "a token is one member");
    }
}

void check_case(std::string_view text) {
    std::string upper(text);
    for (char& c : upper)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    ensure(equals_ignoring_case(text, upper), "case does not count");
    if (!upper.empty()) {
        upper[upper.size() / 2] = static_cast<char>(upper[upper.size() / 2] ^ 1);
        ensure(!equals_ignoring_case(text, upper), "everything else does");
    }
}

// As strict as the strictest reader: "token: value CR LF", nothing else.
std::size_t count_lines(std::string_view wire) {
    std::size_t lines = 0;
    for (; !wire.empty(); ++lines) {
        const std::size_t end = wire.find("\r\n");
        ensure(end != wire.npos, "every line ends with CR LF");
        const std::string_view line = wire.substr(0, end);
        wire.remove_prefix(end + 2);
        const std::size_t colon = line.find(':');
        ensure(colon != line.npos && is_token(line.substr(0, colon)), "every line begins with a name");
        const std::string_view value = line.substr(colon + 1);
        ensure(value.starts_with(' '), "a space stands before the value");
        ensure(value.substr(1) == trim_whitespace(value.substr(1)), "values are trimmed");
        ensure(std::none_of(value.begin(), value.end(),
                            [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; }),
               "values have no control characters");
    }
    return lines;
}

void check_injection(std::string_view text) {
    Headers headers;
    ReceivedHeaders received;
    std::size_t added = 0;
    while (!text.empty()) {
        const std::string_view field = text.substr(0, text.find('\0'));
        text.remove_prefix(std::min(text.size(), field.size() + 1));
        const std::string_view name = field.substr(0, field.find(':'));
        if (name.empty()) continue;
        const std::string_view value = field.substr(std::min(field.size(), name.size() + 1));
        headers.add(name, value);
        ensure(count_lines(headers.wire_text()) == ++added, "one field is one line");
        if (is_token(name)) ensure(headers.has(name), "what was added is found");
        if (!received.append({name, value})) continue;
        const auto first = received.find(name);
        ensure(first && received.count(name) > 0, "what was received is found");
        ensure(received.joined(name).size() >= first->size(), "joining loses nothing");
    }
    for (const HeaderField& field : received) {
        if (!is_token(field.name)) continue;
        headers.set(field.name, field.value);
        headers.remove(field.name);
        ensure(!headers.has(field.name), "what was removed is gone");
        count_lines(headers.wire_text());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t longest = 4096;  // the checks are quadratic
    const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, longest));
    check_list(text);
    check_case(text);
    check_injection(text);
    return 0;
}
