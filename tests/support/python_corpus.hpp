// Documents of testdata, by the parser that they are for: their names end in its name.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

#include "support/files.hpp"

namespace lodestone::test {

// Calls `look` with each of "accept" or "reject"; answers how many there are.
inline int walk_corpus(const char* kind, const std::string& ending,
                       const std::function<void(const std::string& name, const std::string& text)>& look) {
    int count = 0;
    const auto folder = source_path("src/formats/pypi/testdata") / kind;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.path().string().ends_with(ending)) continue;
        look(entry.path().filename().string(), read_file(entry.path()));
        ++count;
    }
    return count;
}

}  // namespace lodestone::test
