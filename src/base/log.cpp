// The log as its callers see it: decides by level, renders on the caller's thread, hands over to the writer.
#include "base/log.hpp"

#include <system_error>

#include "base/limits.hpp"
#include "base/log_writer.hpp"

namespace lodestone {
namespace {

constexpr std::size_t kept_line_bytes = 64 * limits::kib;

std::string render_cause(int error) {
    return error == 0 ? "the buffer was full" : std::generic_category().message(error);
}

}  // namespace

Log::Log(const LogOptions& options, const Clock& clock)
    : clock_(clock), options_(options), level_(options.level) {
    const auto render_lost = [this](const LogWriter::Lost& lost) {
        const std::string cause = render_cause(lost.error);
        const LogField fields[] = {{"count", lost.line_count}, {"cause", cause}};
        std::string line;
        render(line, {clock_.now(), LogLevel::warn, "log lines lost", fields});
        return line;
    };
    writer_ = std::make_unique<LogWriter>(LogSink::open(options.file), render_lost);
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view event, std::span<const LogField> fields) {
    if (!is_enabled(level)) return;
    thread_local std::string line;
    line.clear();
    render(line, {clock_.now(), level, event, fields});
    writer_->append(line, level == LogLevel::error ? LogWriter::Haste::yes : LogWriter::Haste::no,
                    level >= LogLevel::warn ? LogWriter::Importance::high : LogWriter::Importance::ordinary);
    // One enormous line does not keep its memory on every thread that ever wrote one.
    if (line.capacity() > kept_line_bytes) std::string().swap(line);
}

void Log::reopen() {
    if (!options_.file.empty()) writer_->replace_sink(LogSink::open(options_.file));
}

void Log::flush() {
    writer_->flush();
}

std::uint64_t Log::dropped_count() const {
    return writer_->dropped_count();
}

void Log::render(std::string& out, const LogLine& line) const {
    switch (options_.format) {
        case LogFormat::json: return append_json_line(out, line);
        case LogFormat::pretty:
            return append_pretty_line(out, line, options_.has_colours ? LogColours::yes : LogColours::no);
    }
}

}  // namespace lodestone
