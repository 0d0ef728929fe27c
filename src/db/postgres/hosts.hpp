// The hosts that an address names, and which of them to connect to: the one that was good last time comes
// first.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "db/postgres/connect.hpp"

namespace lodestone::db {

std::vector<Host> list_hosts(const std::string& url);

class Hosts {
  public:
    explicit Hosts(std::string url) : url_(std::move(url)), hosts_(list_hosts(url_)) {}

    enum class Wanted : std::uint8_t {
        writes,           // a primary, nothing else
        writes_or_reads,  // one that takes no writes only if none does
        reads,            // any
    };
    struct Means {
        const PostgresOptions& options;
        const Clock& clock;
        PostgresNumbers& numbers;
        int stop = -1;           // as in ConnectPlan
        bool is_direct = false;  // as in ConnectPlan
    };
    Connected connect(Wanted wanted, const Means& means);

  private:
    const std::string url_;
    const std::vector<Host> hosts_;
    std::atomic<std::size_t> first_{0};
};

}  // namespace lodestone::db
