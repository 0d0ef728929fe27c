// A message's body as a stream: read piece by piece, never held whole unless a handler asks for that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/task.hpp"

namespace lodestone::http {

// Where bytes come from: a request's body, an upstream's answer, something generated.
class BodySource {
  public:
    virtual ~BodySource() = default;
    // The next piece, valid until the next call; empty at the end. Throws when the rest cannot be had.
    virtual Task<std::string_view> next() = 0;
    // Known beforehand or not.
    virtual std::optional<std::uint64_t> length() const = 0;
};

// All of it, refused with Problem(body_too_large) past the limit.
Task<std::string> read_all(BodySource& source, std::uint64_t limit_bytes);

}  // namespace lodestone::http
