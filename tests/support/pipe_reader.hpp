// The reading end of a named pipe that holds one page, so that a test can fill it and decide when it empties.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace lodestone::test {

class PipeReader {
  public:
    static constexpr std::size_t capacity_bytes = 4096;

    explicit PipeReader(const std::string& path) {
        EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
        fd_.reset(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        EXPECT_TRUE(fd_.is_open());
        EXPECT_EQ(::fcntl(fd_.value(), F_SETPIPE_SZ, capacity_bytes), static_cast<int>(capacity_bytes));
        EXPECT_EQ(::fcntl(fd_.value(), F_SETFL, 0), 0);  // reading waits from here on
    }

    void close() { fd_.reset(); }

    // Waits for the writer; empty once it is gone.
    std::string read_some() {
        std::array<char, capacity_bytes> bytes;
        const ssize_t got = ::read(fd_.value(), bytes.data(), bytes.size());
        EXPECT_GE(got, 0);
        return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }

    // Everything up to and with `last`; what came when the writer left before that.
    std::string read_through(std::string_view last) {
        std::string all;
        while (!all.ends_with(last)) {
            const std::string some = read_some();
            if (some.empty()) break;
            all += some;
        }
        return all;
    }

  private:
    UniqueFd fd_;
};

}  // namespace lodestone::test
