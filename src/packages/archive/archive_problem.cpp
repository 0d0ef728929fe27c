// What was sent may be shown in a terminal, so it is shown in printable ASCII.
#include "packages/archive/archive_problem.hpp"

#include "base/problem.hpp"

namespace lodestone::packages {

namespace {
constexpr std::size_t shown_bytes = 100;
}

void refuse_archive(std::string_view what, std::string internal) {
    throw Problem(problems::invalid_input,
                  "The archive " + std::string(what) + ": make it anew and send it again.")
        .with_internal(std::move(internal));
}

std::string show_path(std::string_view path) {
    std::string shown(path.substr(0, shown_bytes));
    for (char& c : shown)
        if (c < ' ' || c > '~') c = '?';
    if (path.size() > shown_bytes) shown += "…";
    return shown;
}

}  // namespace lodestone::packages
