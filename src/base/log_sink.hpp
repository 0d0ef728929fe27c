// Where log lines go: a file or standard error, written without ever waiting long for whoever reads it.
#pragma once

#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace lodestone {

class LogSink {
  public:
    // Empty: standard error, through a description of our own where the kernel gives one, so that not waiting
    // for it changes nothing for those who share it. Throws std::system_error.
    static LogSink open(const std::string& file);

    struct Outcome {
        std::size_t written_bytes;
        int error;  // errno; 0 when all was written
    };
    // When a pipe is full, waits up to limits::log_stall_timeout for its reader, then gives up with EAGAIN.
    Outcome write(std::string_view text);

  private:
    explicit LogSink(UniqueFd fd);

    UniqueFd fd_;
    bool is_socket_;
};

}  // namespace lodestone
