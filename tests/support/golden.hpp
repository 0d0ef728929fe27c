// Texts that are kept in the repository and compared with what the program says. LODESTONE_ACCEPT=1 writes
// them anew and reports the test as skipped, so that an accepting run is never mistaken for a passing one.
#pragma once

#include <gtest/gtest.h>

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
    EXPECT_EQ(actual, expected) << path << " is out of date; LODESTONE_ACCEPT=1 writes it anew";
}

}  // namespace lodestone::test
