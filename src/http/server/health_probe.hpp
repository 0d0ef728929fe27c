// One blocking GET over a socket of its own: small enough to run every few seconds in a container, and
// independent of the server's own HTTP code, which it is there to judge.
#pragma once

#include <chrono>
#include <string>

#include "http/server/listen_address.hpp"

namespace lodestone::http {

struct ProbeTarget {
    ListenAddress address;   // its host may be a name here
    std::string path;        // "/ready"
    std::string host_field;  // what Host says
};

struct ProbeAnswer {
    int status = 0;      // 0: there was no answer
    std::string detail;  // the body's beginning, or why there is no answer
    bool is_healthy() const { return status >= 200 && status < 300; }
};

// Never takes much longer than `timeout`, except where a name has to be looked up.
ProbeAnswer probe(const ProbeTarget& target, std::chrono::milliseconds timeout);

}  // namespace lodestone::http
