// Whether AddressSanitizer watches this program. Tests are compiled once for both builds, so only the linked
// program can tell.
#pragma once

extern "C" void __asan_init() __attribute__((weak));

namespace lodestone::test {

// A sanitized program is several times slower: what looks for bad luck looks less often.
inline bool is_sanitized() {
    return __asan_init != nullptr;
}

}  // namespace lodestone::test
