// One GET from a program that has no loops of its own: what a health check in a container asks every few
// seconds.
#pragma once

#include <chrono>
#include <string>

namespace lodestone::http {

struct ProbeTarget {
    std::string url;        // "https://127.0.0.1:8443/ready"
    std::string unix_path;  // connects there instead, when it is set
    // PEM: with it the server must show this very certificate, whatever name it is for, and no authority is
    // asked.
    std::string pinned_certificate_file;
};

struct ProbeAnswer {
    int status = 0;      // 0: there was no answer
    std::string detail;  // the body's beginning, or why there is no answer
    bool is_healthy() const { return status >= 200 && status < 300; }
};

// Starts a loop for itself, and takes hardly longer than `timeout`. Redirects are not followed.
ProbeAnswer probe(const ProbeTarget& target, std::chrono::milliseconds timeout);

}  // namespace lodestone::http
