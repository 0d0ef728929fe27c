// The little that the benchmark's own clients share: connections to a port on this machine, and their
// polling.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

[[noreturn]] void fail(const std::string& what);  // with errno's text; ends in main()

// A connected, non-blocking socket to 127.0.0.1.
int open_connection(std::uint16_t port);

// What epoll says: the indexes that were given to add(), ready to be used.
class Poller {
  public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    void add(int fd, std::size_t index, std::uint32_t events);
    void change(int fd, std::size_t index, std::uint32_t events);
    // Fails when nothing happens for that long.
    std::vector<std::size_t> wait(int timeout_ms = 60'000);

  private:
    int fd_;
};

// The status of an answer whose head is complete, and where its body begins; 0 when it is not.
struct AnswerHead {
    int status = 0;
    std::size_t size_bytes = 0;
    std::uint64_t body_bytes = 0;
};
AnswerHead read_head(std::string_view received);

}  // namespace bench
