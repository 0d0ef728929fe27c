// ensure(): what only a bug can make false. On in every build; a failure prints where and aborts.
#pragma once

#include <source_location>
#include <string_view>

namespace lodestone {

[[noreturn]] void fail_ensure(std::string_view what, std::source_location where);

inline void ensure(bool condition, std::string_view what,
                   std::source_location where = std::source_location::current()) {
    if (!condition) [[unlikely]]
        fail_ensure(what, where);
}

}  // namespace lodestone
