// What ends a connection before its time: the peer went away, was too slow, or broke TLS.
#pragma once

#include <cstdint>
#include <exception>
#include <string>

namespace lodestone::http {

class StreamError : public std::exception {
  public:
    enum class Reason : std::uint8_t { closed, timed_out, tls };
    StreamError(Reason reason, std::string text) : reason_(reason), text_(std::move(text)) {}
    Reason reason() const { return reason_; }
    const char* what() const noexcept override { return text_.c_str(); }

  private:
    Reason reason_;
    std::string text_;
};

}  // namespace lodestone::http
