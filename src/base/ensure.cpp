// Where a broken promise ends the process: a wrong answer would be worse than none.
#include "base/ensure.hpp"

#include <cstdio>
#include <cstdlib>

namespace lodestone {

void fail_ensure(std::string_view what, std::source_location where) {
    std::fprintf(stderr, "lodestone: bug: %.*s (%s:%u in %s)\n", static_cast<int>(what.size()), what.data(),
                 where.file_name(), where.line(), where.function_name());
    std::abort();
}

}  // namespace lodestone
