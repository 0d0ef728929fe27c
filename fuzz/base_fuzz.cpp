// Fuzzes the small readers: ids, the words of the log's settings, methods and /proc/PID/stat. What is read
// and can be written again comes out as it went in.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"
#include "base/ids.hpp"
#include "base/log_line.hpp"
#include "base/process_metrics.hpp"
#include "base/time_text.hpp"
#include "http/message/method.hpp"

using namespace lodestone;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    if (const auto id = parse_uuid(text)) ensure(render_uuid(*id) == text, "an id has one spelling");
    if (const auto level = parse_log_level(text))
        ensure(render_log_level(*level) == text, "a level has one name");
    if (parse_log_format(text)) ensure(text == "json" || text == "pretty", "there are two formats");
    if (const auto method = http::parse_method(text))
        ensure(http::method_name(*method) == text, "a method has one name");
    if (const auto time = parse_rfc3339(text))
        ensure(parse_rfc3339(render_rfc3339(*time)).has_value(),
               "a time that was read can be written and read");
    (void)parse_process_stat(text);
    return 0;
}
