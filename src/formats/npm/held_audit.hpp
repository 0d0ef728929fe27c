// What an audit has in memory while it waits counts as its body does, until it is answered.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/npm_limits.hpp"
#include "http/wire/body.hpp"

namespace lodestone::formats::npm {

class HeldAudit {
  public:
    explicit HeldAudit(http::BodySource& body) : body_(body) {}
    ~HeldAudit() { body_.hold(0); }
    HeldAudit(const HeldAudit&) = delete;
    HeldAudit& operator=(const HeldAudit&) = delete;

    // In place of what it held. A client has room for one of any size. Throws Problem when that is too much
    // for now.
    void hold(std::uint64_t size_bytes) {
        body_.hold(std::min<std::uint64_t>(size_bytes, limits::npm_document_bytes));
    }

  private:
    http::BodySource& body_;
};

}  // namespace lodestone::formats::npm
