// Texts that are kept in the repository and compared with what the program says. LODESTONE_ACCEPT=1 writes
// them anew and reports the test as skipped, so that an accepting run is never mistaken for a passing one.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "support/files.hpp"

namespace lodestone::test {

inline bool is_accepting() {
    const char* value = std::getenv("LODESTONE_ACCEPT");
    return value != nullptr && std::string_view(value) == "1";
}

// `path` is relative to the repository's root.
inline void check_golden(const std::string& path, const std::string& actual) {
    const std::filesystem::path file = source_path(path);
    if (is_accepting()) {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << actual;
        GTEST_SKIP() << path << " was written anew";
    }
    std::ifstream in(file, std::ios::binary);
    ASSERT_TRUE(in.is_open()) << path << " is missing; LODESTONE_ACCEPT=1 writes it";
    const std::string expected{std::istreambuf_iterator<char>(in), {}};
    if (actual == expected) return;
    const auto [here, there] = std::ranges::mismatch(actual, expected);
    const std::size_t begin = actual.rfind('\n', static_cast<std::size_t>(here - actual.begin())) + 1;
    ADD_FAILURE() << path << " is out of date from line " << std::count(actual.begin(), here, '\n') + 1
                  << " on, which is now:\n"
                  << actual.substr(begin, actual.find('\n', begin) - begin)
                  << "\nLODESTONE_ACCEPT=1 writes it anew";
}

}  // namespace lodestone::test
