// Traces: each finished request becomes a span, and a coroutine brings them to the operator's collector. Both
// ends meet only in a bounded queue, so a collector that is slow or gone costs requests nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/metrics.hpp"
#include "base/span.hpp"
#include "base/task.hpp"
#include "http/client/client.hpp"
#include "http/message/trace.hpp"
#include "http/wire/event.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::app {

class SpanQueue {
  public:
    SpanQueue(double sample_ratio, Metrics& metrics);

    // By the trace's id, so that all who use it agree; by our own where a stranger has chosen that one.
    bool is_chosen(const http::TraceContext& trace) const;
    // From any thread; never waits for the collector.
    void push(Span span);
    // The oldest ones, at most so many.
    std::vector<Span> take(std::size_t most);
    std::size_t size() const;
    // Called, on the pushing thread, when an export's worth is there. Set before anything is pushed.
    void set_on_full_export(std::function<void()> wake) { wake_ = std::move(wake); }

  private:
    const double sample_ratio_;
    Counter& dropped_;
    Gauge& queued_;
    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::deque<Span> spans_;
};

struct SpanExportOptions {
    std::string url;            // of the collector; its host is allowed though it be private
    http::EgressPolicy egress;  // what is allowed and denied besides
    std::string ca_file;
    std::string version;  // ours
};

// To be destroyed after its loop has stopped and before that is destroyed, like the client in it.
class SpanExporter {
  public:
    // Throws Problem(invalid_input) for a URL that is none.
    SpanExporter(SpanExportOptions options, SpanQueue& queue, http::Loop& loop, Context& context);

    void start();
    // Sends what is queued, for no longer than this. Once, after start(); blocks the caller.
    void stop(std::chrono::milliseconds timeout);

  private:
    Task<> run();
    Task<> wait();
    Task<> send(std::vector<Span> spans);
    Task<std::optional<std::string>> post(std::string body);
    void note_failure(std::size_t count, std::string_view why);
    void wake();

    SpanExportOptions options_;
    SpanQueue& queue_;
    http::Loop& loop_;
    Context& context_;
    http::Client client_;
    http::Timer timer_;
    Counter& exported_;
    Counter& failed_;
    bool has_failed_ = false;  // the last time
    std::optional<SteadyTime> complained_;
    std::uint64_t failed_since_ = 0;  // spans, since the last complaint
    std::atomic<bool> is_stopping_{false};
    std::promise<void> done_;
};

}  // namespace lodestone::app
