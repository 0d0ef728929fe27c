// Terminals, colours and the environment.
#include "app/terminal/terminal.hpp"

#include <unistd.h>

namespace lodestone::app {
namespace {

std::string_view escape_of(Ink ink) {
    switch (ink) {
        case Ink::heading: return "\x1b[1m";
        case Ink::name: return "\x1b[36m";
        case Ink::placeholder: return "\x1b[33m";
        case Ink::faint: return "\x1b[2m";
        case Ink::error: return "\x1b[31m";
        case Ink::good: return "\x1b[32m";
    }
    return "";
}

}  // namespace

Environment read_environment() {
    Environment environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return environment;
}

std::string_view find_variable(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

bool is_terminal(int fd) {
    return ::isatty(fd) == 1;
}

bool has_colours(int fd, const Environment& environment) {
    return is_terminal(fd) && find_variable(environment, "NO_COLOR").empty() &&
           find_variable(environment, "TERM") != "dumb";
}

std::string paint(Ink ink, std::string_view text, bool with_colours) {
    if (!with_colours || text.empty()) return std::string(text);
    return std::string(escape_of(ink)) + std::string(text) + "\x1b[0m";
}

}  // namespace lodestone::app
