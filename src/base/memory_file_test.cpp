// A file in memory has the bytes, and stays as it is.
#include "base/memory_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace lodestone {
namespace {

TEST(MemoryFile, HasTheBytesAndKeepsThem) {
    const std::string bytes(300'000, 'x');
    const auto file = make_memory_file(bytes);
    ASSERT_TRUE(file);
    std::string read(bytes.size() + 1, '-');
    EXPECT_EQ(::pread(file->value(), read.data(), read.size(), 0), static_cast<ssize_t>(bytes.size()));
    read.pop_back();
    EXPECT_EQ(read, bytes);
    EXPECT_LT(::pwrite(file->value(), "y", 1, 0), 0);
    EXPECT_LT(::ftruncate(file->value(), 1), 0);
}

}  // namespace
}  // namespace lodestone
