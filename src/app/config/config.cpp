// The decisions that are left to the program: what `auto` and 0 mean.
#include "app/config/config.hpp"

#include <algorithm>
#include <thread>

namespace lodestone::app {

std::size_t Config::thread_count() const {
    if (server.threads > 0) return server.threads;
    return std::max(1u, std::thread::hardware_concurrency());
}

LogFormat Config::log_format(bool is_terminal) const {
    if (log.format == LogFormatChoice::automatic) return is_terminal ? LogFormat::pretty : LogFormat::json;
    return log.format == LogFormatChoice::pretty ? LogFormat::pretty : LogFormat::json;
}

}  // namespace lodestone::app
