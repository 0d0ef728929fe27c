// Spans as OTLP/HTTP JSON, a batch at a time. What the collector does not take is not kept: traces are worth
// less than the memory of a server that answers. https://opentelemetry.io/docs/specs/otlp/#otlphttp
#include "app/serving/tracing.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <iterator>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "http/message/url.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::app {

namespace {

constexpr const char* service_name = "lodestone";
constexpr auto complaint_interval = std::chrono::minutes(1);
constexpr const char* dropped_name = "lodestone_spans_dropped_total";
constexpr const char* dropped_help = "Spans that did not reach the collector, by reason.";

// The collector's own host is where the operator wants us to go, and usually a private one.
http::ClientOptions client_options(const SpanExportOptions& options) {
    const http::UrlResult url = http::parse_url(options.url);
    if (!url.url) throw Problem(problems::invalid_input, "tracing.otlp_url: " + std::string(url.fault));
    http::ClientOptions client;
    client.egress = options.egress;
    client.egress.allowed_hosts.push_back(url.url->host);
    client.extra_ca_file = options.ca_file;
    client.user_agent = std::string(service_name) + "/" + options.version;
    return client;
}

}  // namespace

SpanQueue::SpanQueue(double sample_ratio, Metrics& metrics)
    : sample_ratio_(sample_ratio),
      dropped_(metrics.counter(dropped_name, dropped_help, {{"reason", "queue_full"}})),
      queued_(metrics.gauge("lodestone_spans_queued", "Spans that wait to be exported.")) {}

bool SpanQueue::is_chosen(const http::TraceContext& trace) const {
    const std::string& id = trace.parent_id.empty() ? trace.trace_id : trace.span_id;
    // By the last digits: in some ids the first ones are a time.
    constexpr std::size_t digit_count = 13;
    std::uint64_t chance = 0;
    const char* end = id.data() + id.size();
    std::from_chars(end - std::min(digit_count, id.size()), end, chance, 16);
    return static_cast<double>(chance) < sample_ratio_ * static_cast<double>(1ull << 4 * digit_count);
}

void SpanQueue::push(Span span) {
    bool is_full_export = false;
    {
        const std::lock_guard lock(mutex_);
        if (spans_.size() >= limits::queued_spans) return dropped_.add();
        spans_.push_back(std::move(span));
        queued_.set(static_cast<std::int64_t>(spans_.size()));
        is_full_export = spans_.size() == limits::spans_per_export;
    }
    if (is_full_export && wake_) wake_();
}

std::vector<Span> SpanQueue::take(std::size_t most) {
    const std::lock_guard lock(mutex_);
    const auto begin = spans_.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(std::min(most, spans_.size()));
    std::vector<Span> taken(std::make_move_iterator(begin), std::make_move_iterator(end));
    spans_.erase(begin, end);
    queued_.set(static_cast<std::int64_t>(spans_.size()));
    return taken;
}

std::size_t SpanQueue::size() const {
    const std::lock_guard lock(mutex_);
    return spans_.size();
}

SpanExporter::SpanExporter(SpanExportOptions options, SpanQueue& queue, http::Loop& loop, Context& context)
    : options_(std::move(options)),
      queue_(queue),
      loop_(loop),
      context_(context),
      client_(client_options(options_), context.metrics, context.log),
      timer_(loop.executor()),
      exported_(context.metrics.counter("lodestone_spans_exported_total", "Spans that the collector took.")),
      failed_(context.metrics.counter(dropped_name, dropped_help, {{"reason", "collector_failed"}})) {
    queue_.set_on_full_export([this] { wake(); });
}

void SpanExporter::start() {
    http::spawn(loop_.executor(), run(),
                [this](std::string_view why) { context_.log.error("span export failed", {{"error", why}}); });
}

void SpanExporter::stop(std::chrono::milliseconds timeout) {
    is_stopping_.store(true);
    wake();
    done_.get_future().wait_for(timeout);
}

// The timer belongs to the loop's thread.
void SpanExporter::wake() {
    boost::asio::post(loop_.context(), [this] { timer_.cancel(); });
}

Task<> SpanExporter::run() {
    for (bool is_last = false; !is_last;) {
        co_await wait();
        is_last = is_stopping_.load();
        do co_await send(queue_.take(limits::spans_per_export));
        while (is_last && !has_failed_ && queue_.size() > 0);
    }
    done_.set_value();
}

// Until there is an export's worth, the interval is over, or the end has come. After a failure only the time
// counts: a collector in trouble is not asked more often because there is more to tell.
Task<> SpanExporter::wait() {
    if (is_stopping_.load()) co_return;
    if (!has_failed_ && queue_.size() >= limits::spans_per_export) co_return;
    timer_.expires_after(limits::span_export_interval);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable_t<LoopExecutor>{}, cancelled));
}

Task<> SpanExporter::send(std::vector<Span> spans) {
    if (spans.empty()) co_return;
    std::string body = render_otlp_json(spans, service_name, options_.version);
    const std::optional<std::string> fault = co_await post(std::move(body));
    has_failed_ = fault.has_value();
    if (fault)
        note_failure(spans.size(), *fault);
    else
        exported_.add(spans.size());
}

// Why it was not taken; nothing when it was.
Task<std::optional<std::string>> SpanExporter::post(std::string body) {
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = options_.url;
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    request.deadline = std::chrono::steady_clock::now() + limits::span_export_timeout;
    request.body_limit_bytes = limits::span_answer_bytes;
    request.redirects.max_hops = 0;
    try {
        const http::ClientResponse response = co_await client_.send(std::move(request));
        // Read to its end, so that the connection can be used again.
        while (!(co_await response.body->next()).empty()) continue;
        if (response.status / 100 == 2) co_return std::nullopt;
        co_return "the collector answered " + std::to_string(response.status);
    } catch (const std::exception& error) {
        co_return error.what();
    }
}

void SpanExporter::note_failure(std::size_t count, std::string_view why) {
    failed_.add(count);
    failed_since_ += count;
    const SteadyTime now = context_.clock.steady_now();
    if (complained_ && now - *complained_ < complaint_interval) return;
    context_.log.warn("spans not exported", {{"count", failed_since_}, {"why", why}});
    complained_ = now;
    failed_since_ = 0;
}

}  // namespace lodestone::app
