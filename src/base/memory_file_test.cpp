// A file in memory has the bytes, and stays as it is.
#include "base/memory_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "base/kept_bytes.hpp"
#include "base/limits.hpp"

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

TEST(MemoryFile, ThereAreAsManyAsAreAllowed) {
    limit_memory_files(2);
    auto first = make_memory_file("a");
    const auto second = make_memory_file("b");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(make_memory_file("c"));
    first.reset();
    EXPECT_TRUE(make_memory_file("d")) << "a place is free again";
    limit_memory_files(4);
    const auto third = make_memory_file("e");
    const auto fourth = make_memory_file("f");
    EXPECT_FALSE(make_memory_file("g")) << "the last quarter is for large ones";
    EXPECT_TRUE(make_memory_file(std::string(256 * limits::kib, 'h')));
    limit_memory_files(limits::memory_files);
}

TEST(KeptBytes, LieInAFileWhereThatPaysAndThereIsOne) {
    const std::string large(limits::memory_file_bytes, 'x');
    const KeptBytes small(large.substr(1));
    EXPECT_FALSE(small.file());
    EXPECT_EQ(small.text(), large.substr(1));
    const KeptBytes kept(large);
    EXPECT_TRUE(kept.file());
    EXPECT_EQ(kept.size_bytes(), large.size());
    EXPECT_TRUE(kept.text().empty());
    limit_memory_files(0);
    const KeptBytes copied(large);
    EXPECT_FALSE(copied.file());
    EXPECT_EQ(copied.text(), large);
    limit_memory_files(limits::memory_files);
}

}  // namespace
}  // namespace lodestone
