// The body of an upstream's answer, read as it is asked for. Read to its end it gives its connection back to
// the pool; dropped before, it closes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "http/client/connection_pool.hpp"
#include "http/message/chunked.hpp"
#include "http/message/response_head.hpp"
#include "http/wire/body.hpp"
#include "http/wire/minimum_rate.hpp"

namespace lodestone::http {

struct ClientBodyOptions {
    ResponseHead::Framing framing = ResponseHead::Framing::none;
    std::uint64_t content_length = 0;
    bool keeps_alive = false;
    std::uint64_t limit_bytes = 0;
    SteadyTime deadline;
    std::chrono::milliseconds stall_timeout{0};
    MinimumRate rate;
    std::string host;             // for what people read
    Counter* failures = nullptr;  // of bodies that were not had whole
};

class ClientBody final : public BodySource {
  public:
    ClientBody(ConnectionPool::Lease lease, ClientBodyOptions options);
    ~ClientBody() override;

    // Throws Problem(bad_upstream) when the answer is cut short, malformed or longer than the limit, and
    // Problem(upstream_timeout) when it stalls, trickles or passes the deadline.
    Task<std::string_view> next() override;
    std::optional<std::uint64_t> length() const override;

  private:
    // The next of what is already here. Nothing: more must be read, or is_done_, or fault_.
    std::string_view take_buffered();
    std::string_view take_chunk();
    Task<> read();
    void finish();
    [[noreturn]] void fail(const StreamError& fault);
    [[noreturn]] void fail(const ProblemKind& kind, std::string_view what, std::string internal = {});

    ConnectionPool::Lease lease_;
    ClientBodyOptions options_;
    ChunkDecoder decoder_;
    std::string_view fault_;  // of the chunked coding
    std::uint64_t remaining_ = 0;
    std::uint64_t read_bytes_ = 0;
    bool is_done_ = false;
    std::optional<Problem> failure_;  // told again to whoever asks again
};

}  // namespace lodestone::http
