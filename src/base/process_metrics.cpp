// Readers over /proc, getrlimit and the CPU clock. What cannot be read is shown as NaN, never as a wrong
// zero.
#include "base/process_metrics.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <string>

#include "base/metrics.hpp"

namespace lodestone {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::string read_text(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// The text between the n-th and the next of the single spaces or newlines that separate the fields.
std::string_view find_field(std::string_view fields, std::size_t index) {
    for (; index > 0; --index) {
        const std::size_t space = fields.find(' ');
        if (space == std::string_view::npos) return {};
        fields.remove_prefix(space + 1);
    }
    return fields.substr(0, fields.find_first_of(" \n"));
}

template <class Field>
double read_stat(Field field) {
    const std::optional<ProcessStat> stat = parse_process_stat(read_text("/proc/self/stat"));
    return stat ? static_cast<double>((*stat).*field) : unknown;
}

double read_cpu_seconds() {
    timespec used{};
    if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return unknown;
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double count_open_fds() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
    if (!folder) return unknown;
    double count = 0;
    while (const dirent* entry = ::readdir(folder.get()))
        if (entry->d_name[0] != '.') ++count;
    return count - 1;  // the one that we count with
}

double read_max_fds() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return unknown;
    if (limit.rlim_cur == RLIM_INFINITY) return std::numeric_limits<double>::infinity();
    return static_cast<double>(limit.rlim_cur);
}

double read_clock(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Not from /proc/stat, which a service with ProcSubset=pid does not see.
double read_start_seconds() {
    return read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME) +
           read_stat(&ProcessStat::start_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
    // The second field is the program's name, which may hold spaces and parentheses.
    const std::size_t name_end = text.rfind(") ");
    if (name_end == std::string_view::npos) return std::nullopt;
    const std::string_view fields = text.substr(name_end + 2);
    constexpr std::size_t first = 3;  // proc(5) counts from one; here stands the third
    const auto threads = number_in(find_field(fields, 20 - first));
    const auto start = number_in(find_field(fields, 22 - first));
    const auto size = number_in(find_field(fields, 23 - first));
    const auto resident = number_in(find_field(fields, 24 - first));
    if (!threads || !start || !size || !resident) return std::nullopt;
    return ProcessStat{*threads, *start, *size, *resident};
}

void add_process_metrics(Metrics& metrics, const BuildInfo& build) {
    using enum Metrics::ReadAs;
    metrics.add_reader("process_cpu_seconds_total", "User and system CPU time spent.", counter,
                       read_cpu_seconds);
    metrics.add_reader("process_resident_memory_bytes", "Resident memory.", gauge, [] {
        return read_stat(&ProcessStat::resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    });
    metrics.add_reader("process_virtual_memory_bytes", "Virtual memory.", gauge,
                       [] { return read_stat(&ProcessStat::virtual_bytes); });
    metrics.add_reader("process_threads", "Threads.", gauge,
                       [] { return read_stat(&ProcessStat::thread_count); });
    metrics.add_reader("process_open_fds", "Open file descriptors.", gauge, count_open_fds);
    metrics.add_reader("process_max_fds", "How many file descriptors may be open.", gauge, read_max_fds);
    // The same as long as we run, whatever the clock does.
    metrics.add_reader("process_start_time_seconds", "When the process started, since the epoch.", gauge,
                       [start = read_start_seconds()] { return start; });
    metrics
        .gauge("lodestone_build_info", "The version that runs.",
               {{"version", std::string(build.version)}, {"commit", std::string(build.commit)}})
        .set(1);
}

}  // namespace lodestone
