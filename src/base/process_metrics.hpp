// What the kernel knows about this process, as metrics under the names that every Prometheus client library
// uses, so that ready-made dashboards work.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lodestone {

class Metrics;

struct BuildInfo {
    std::string_view version;
    std::string_view commit;
};

void add_process_metrics(Metrics& metrics, const BuildInfo& build);

// The fields of /proc/PID/stat that we show; see proc(5).
struct ProcessStat {
    std::uint64_t thread_count;
    std::uint64_t start_ticks;  // after boot
    std::uint64_t virtual_bytes;
    std::uint64_t resident_pages;
};
std::optional<ProcessStat> parse_process_stat(std::string_view text);

}  // namespace lodestone
