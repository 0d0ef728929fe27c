// Traces: which requests are sampled, the bounded queue, and an exporter that tells a scripted collector, or
// gives up on it without anybody waiting.
#include "app/serving/tracing.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>

#include "app/serving/request_span.hpp"
#include "identity/secrets/token_text.hpp"
#include "support/files.hpp"
#include "support/scripted_server.hpp"
#include "support/test_app.hpp"

namespace lodestone::app {
namespace {

using test::ScriptedPeer;
using test::ScriptedServer;

const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string parent_id = "00f067aa0ba902b7";

// What a collector was sent: the heads and bodies in order.
class Collector {
  public:
    explicit Collector(std::string status = "200 OK")
        : server_([this, status](ScriptedPeer& peer) {
              while (receive(peer)) peer.answer("{}", status);
          }) {}

    std::string url() const { return server_.url("/v1/traces"); }
    std::size_t connection_count() const { return server_.accepted_count(); }
    struct Post {
        std::string head;
        std::string body;
        boost::json::array spans() const {
            return boost::json::parse(body).at_pointer("/resourceSpans/0/scopeSpans/0/spans").as_array();
        }
    };
    // Waits for the next one.
    Post take() {
        std::unique_lock lock(mutex_);
        EXPECT_TRUE(arrived_.wait_for(lock, std::chrono::seconds(10), [this] { return !posts_.empty(); }));
        if (posts_.empty()) return {};
        Post post = std::move(posts_.front());
        posts_.pop_front();
        return post;
    }

  private:
    bool receive(ScriptedPeer& peer) {
        Post post{peer.read_head(), ""};
        const auto at = post.head.find("Content-Length: ");
        if (at == std::string::npos) return false;
        post.body = peer.read_bytes(std::stoul(post.head.substr(at + 16)));
        const std::lock_guard lock(mutex_);
        posts_.push_back(std::move(post));
        arrived_.notify_all();
        return true;
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Post> posts_;
    ScriptedServer server_;  // last: its threads end before what they use
};

// An exporter on a loop of its own.
class Export {
  public:
    explicit Export(const std::string& url, double ratio = 1) : queue_(ratio, parts_.metrics) {
        SpanExportOptions options;
        options.url = url;
        options.version = "1.2.3";
        exporter_.emplace(std::move(options), queue_, loops_.at(0), context_);
        loops_.start();
        exporter_->start();
    }
    ~Export() {
        if (!is_stopped_) stop();
        loops_.stop();
        exporter_.reset();
    }
    void stop(std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
        is_stopped_ = true;
        exporter_->stop(timeout);
    }
    void push(std::size_t count, const std::string& name = "GET /x") {
        for (std::size_t i = 0; i < count; ++i) {
            Span span;
            span.name = name;
            queue_.push(std::move(span));
        }
    }
    std::uint64_t dropped(const std::string& reason) {
        return parts_.metrics.counter("lodestone_spans_dropped_total", "", {{"reason", reason}}).value();
    }
    std::uint64_t exported() { return parts_.metrics.counter("lodestone_spans_exported_total", "").value(); }
    SpanQueue& queue() { return queue_; }
    FakeClock& clock() { return clock_; }
    std::size_t complaint_count() {
        log_.flush();
        const std::string text = test::read_file(folder_ / "log");
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
    std::string log_text() {
        log_.flush();
        return test::read_file(folder_ / "log");
    }

  private:
    test::TempFolder folder_;
    test::Parts parts_;
    FakeClock clock_;
    Log log_{LogOptions{.file = folder_ / "log"}, clock_};
    Context context_{clock_, parts_.random, log_, parts_.metrics, parts_.health};
    SpanQueue queue_;
    http::Loops loops_{1, parts_.metrics};
    std::optional<SpanExporter> exporter_;
    bool is_stopped_ = false;
};

TEST(SpanQueue, ChoosesByTheTracesIdUnlessAStrangerChoseIt) {
    Metrics metrics;
    const SpanQueue all(1, metrics);
    const SpanQueue half(0.5, metrics);
    const SpanQueue none(0, metrics);
    const http::TraceContext first{.trace_id = trace_id};
    EXPECT_TRUE(all.is_chosen(first));
    EXPECT_FALSE(none.is_chosen(first));
    EXPECT_TRUE(all.is_chosen({.trace_id = std::string(32, 'f')}));
    EXPECT_FALSE(none.is_chosen({.trace_id = std::string(31, '0') + "1"}));
    const std::string low = std::string(31, '0') + "1";
    EXPECT_TRUE(half.is_chosen({.trace_id = low, .span_id = std::string(16, 'f')}));
    EXPECT_FALSE(half.is_chosen({.trace_id = low, .span_id = std::string(16, 'f'), .parent_id = parent_id}));
}

TEST(SpanQueue, SamplesItsShare) {
    Metrics metrics;
    const SpanQueue queue(0.25, metrics);
    SeededRandom random(7);
    int sampled = 0;
    for (int i = 0; i < 10'000; ++i) {
        const http::TraceContext trace = http::continue_trace(std::nullopt, random);
        if (!queue.is_chosen(trace)) continue;
        ++sampled;
        EXPECT_TRUE(SpanQueue(0.5, metrics).is_chosen(trace)) << "who keeps more keeps these as well";
    }
    EXPECT_NEAR(sampled, 2500, 250);
}

TEST(SpanQueue, DropsAndCountsWhatFindsNoRoom) {
    Metrics metrics;
    SpanQueue queue(1, metrics);
    int woken = 0;
    queue.set_on_full_export([&] { ++woken; });
    for (std::size_t i = 0; i < limits::queued_spans + 3; ++i) queue.push(Span{.name = std::to_string(i)});
    EXPECT_EQ(queue.size(), limits::queued_spans);
    EXPECT_EQ(metrics.counter("lodestone_spans_dropped_total", "", {{"reason", "queue_full"}}).value(), 3u);
    EXPECT_EQ(woken, 1);
    const std::vector<Span> taken = queue.take(2);
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_EQ(taken[0].name + taken[1].name, "01") << "the oldest first";
    EXPECT_EQ(metrics.gauge("lodestone_spans_queued", "").value(),
              static_cast<int>(limits::queued_spans) - 2);
    EXPECT_EQ(queue.take(limits::queued_spans * 2).size(), limits::queued_spans - 2);
    EXPECT_TRUE(queue.take(1).empty());
}

TEST(SpanExporter, PostsWhatIsThereAfterAMoment) {
    Collector collector;
    Export sending(collector.url());
    sending.push(2, "GET /first");
    const Collector::Post post = collector.take();
    EXPECT_TRUE(post.head.starts_with("POST /v1/traces HTTP/1.1\r\n")) << post.head;
    EXPECT_NE(post.head.find("\r\nContent-Type: application/json\r\n"), std::string::npos) << post.head;
    EXPECT_NE(post.head.find("\r\nUser-Agent: lodestone/1.2.3\r\n"), std::string::npos) << post.head;
    const auto spans = post.spans();
    ASSERT_EQ(spans.size(), 2u);
    EXPECT_EQ(spans[0].at("name"), "GET /first");
    EXPECT_NE(post.body.find("\"1.2.3\""), std::string::npos);
    sending.push(1);
    EXPECT_EQ(collector.take().spans().size(), 1u);
    sending.stop();
    EXPECT_EQ(sending.exported(), 3u);
    EXPECT_EQ(collector.connection_count(), 1u) << "the connection is kept";
    EXPECT_EQ(sending.complaint_count(), 0u);
}

TEST(SpanExporter, PostsAFullExportAtOnceAndNoMore) {
    Collector collector;
    Export sending(collector.url());
    constexpr int exports = limits::queued_spans / limits::spans_per_export;
    const auto start = std::chrono::steady_clock::now();
    sending.push(limits::queued_spans);
    for (int i = 0; i < exports; ++i) EXPECT_EQ(collector.take().spans().size(), limits::spans_per_export);
    EXPECT_LT(std::chrono::steady_clock::now() - start, (exports - 2) * limits::span_export_interval)
        << "none waited for its interval";
}

TEST(SpanExporter, FlushesWhenItStops) {
    Collector collector;
    Export sending(collector.url());
    sending.push(limits::spans_per_export * 2 + 7);
    sending.stop();
    EXPECT_EQ(sending.exported(), limits::spans_per_export * 2 + 7);
    EXPECT_EQ(sending.queue().size(), 0u);
    EXPECT_EQ(collector.take().spans().size(), limits::spans_per_export);
    EXPECT_EQ(collector.take().spans().size(), limits::spans_per_export);
    EXPECT_EQ(collector.take().spans().size(), 7u);
}

TEST(SpanExporter, StopsInTimeAlthoughTheCollectorSaysNothing) {
    std::promise<void> has_come;
    ScriptedServer silent([&](ScriptedPeer& peer) {
        peer.read_head();
        has_come.set_value();
        peer.wait_closed();
    });
    Export sending(silent.url());
    sending.push(limits::spans_per_export);
    has_come.get_future().wait();
    sending.push(limits::queued_spans + 1);
    EXPECT_EQ(sending.dropped("queue_full"), 1u) << "what waits is bounded";
    const auto start = std::chrono::steady_clock::now();
    sending.stop(std::chrono::milliseconds(50));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    EXPECT_EQ(sending.exported(), 0u);
}

// An export is only sent when the failure of the one before has been noted: each arrival proves that.
TEST(SpanExporter, ComplainsOnceAMinute) {
    Collector refusing("500 Internal Server Error");
    Export sending(refusing.url());
    for (int i = 0; i < 3; ++i) {
        sending.push(limits::spans_per_export);
        refusing.take();
    }
    EXPECT_EQ(sending.complaint_count(), 1u);
    EXPECT_NE(sending.log_text().find("\"event\":\"spans not exported\",\"count\":512,"), std::string::npos)
        << sending.log_text();
    sending.clock().advance(std::chrono::minutes(1));
    sending.push(1);
    sending.stop();
    EXPECT_EQ(sending.complaint_count(), 2u);
    EXPECT_EQ(sending.dropped("collector_failed"), 3 * limits::spans_per_export + 1);
}

// Nothing listens on the port of a server that is gone.
TEST(SpanExporter, SurvivesACollectorThatIsGone) {
    std::string url;
    {
        url = Collector().url();
    }
    Export sending(url);
    sending.push(5);
    sending.stop();
    EXPECT_EQ(sending.dropped("collector_failed"), 5u);
    EXPECT_NE(sending.log_text().find("could not be reached"), std::string::npos) << sending.log_text();
}

TEST(SpanExporter, CountsWhatACollectorRefuses) {
    Collector refusing("503 Service Unavailable");
    Export sending(refusing.url() + "?key=s3cret");
    sending.push(3);
    sending.stop();
    EXPECT_EQ(sending.dropped("collector_failed"), 3u);
    EXPECT_EQ(sending.exported(), 0u);
    EXPECT_NE(sending.log_text().find("the collector answered 503"), std::string::npos) << sending.log_text();
    EXPECT_EQ(sending.log_text().find("s3cret"), std::string::npos);
}

TEST(SpanExporter, FollowsNoRedirect) {
    Collector elsewhere;
    ScriptedServer moved([&](ScriptedPeer& peer) {
        peer.read_head();
        peer.answer("", "307 Temporary Redirect", "Location: " + elsewhere.url() + "\r\n");
        peer.wait_closed();
    });
    Export sending(moved.url());
    sending.push(1);
    sending.stop();
    EXPECT_EQ(sending.dropped("collector_failed"), 1u);
    EXPECT_EQ(elsewhere.connection_count(), 0u);
}

TEST(SpanExporter, RefusesAUrlThatIsNone) {
    test::Parts parts;
    SpanQueue queue(1, parts.metrics);
    http::Loops loops(1, parts.metrics);
    const auto fault =
        find_problem([&] { SpanExporter({.url = "collector:4318"}, queue, loops.at(0), parts.context); });
    ASSERT_TRUE(fault);
    EXPECT_TRUE(fault->starts_with("tracing.otlp_url: ")) << *fault;
}

Task<http::Response> show_sampled(Context& context, http::Request& request) {
    dynamic_cast<FakeClock&>(context.clock).advance(std::chrono::milliseconds(250));
    if (request.query.find("fail")) throw std::runtime_error("broken");
    co_return http::Response::text(200, http::render_traceparent(request.trace));
}

constexpr http::Route routes[] = {{http::Method::get, "/items/{name}", http::Access::open, show_sampled}};

class RequestSpanTest : public ::testing::Test {
  protected:
    static test::AppOptions with_spans(SpanQueue& queue, std::string_view trusted_proxy = "192.0.2.1") {
        test::AppOptions options;
        options.serve.spans = &queue;
        options.server.trusted_proxies = {http::parse_network(trusted_proxy).value()};
        return options;
    }
    static std::string text(const Span& span, std::string_view key) {
        for (const SpanAttribute& attribute : span.attributes) {
            if (attribute.key != key) continue;
            if (const auto* number = std::get_if<std::int64_t>(&attribute.value))
                return std::to_string(*number);
            return std::get<std::string>(attribute.value);
        }
        return "(none)";
    }

    Metrics metrics_;
    SpanQueue queue_{0, metrics_};
};

TEST_F(RequestSpanTest, TellsOfARequest) {
    test::TestApp app(routes, with_spans(queue_, "127.0.0.1"));
    const Time start = app.clock().now();
    const auto answer = app.ask("GET /items/raw?token=s3cret", "User-Agent: tester\r\ntraceparent: 00-" +
                                                                   trace_id + "-" + parent_id + "-01\r\n");
    EXPECT_TRUE(answer.body.ends_with("-01")) << "whom we ask on its behalf is told to sample, too";
    app.finish();
    const std::vector<Span> spans = queue_.take(10);
    ASSERT_EQ(spans.size(), 1u);
    const Span& span = spans[0];
    const std::string json = render_otlp_json(spans, "lodestone", "1");
    EXPECT_NE(json.find("\"traceId\":\"" + trace_id + "\""), std::string::npos) << json;
    EXPECT_NE(json.find("\"parentSpanId\":\"" + parent_id + "\""), std::string::npos) << json;
    EXPECT_NE(json.find("\"spanId\":\"" + answer.body.substr(36, 16) + "\""), std::string::npos) << json;
    EXPECT_EQ(json.find("s3cret"), std::string::npos) << "queries can hold secrets";
    EXPECT_EQ(span.name, "GET /items/{name}");
    EXPECT_EQ(span.kind, SpanKind::server);
    EXPECT_EQ(span.status, SpanStatus::unset);
    EXPECT_EQ(span.start, start);
    EXPECT_EQ(span.end - span.start, std::chrono::milliseconds(250));
    EXPECT_EQ(text(span, "http.request.method"), "GET");
    EXPECT_EQ(text(span, "http.response.status_code"), "200");
    EXPECT_EQ(text(span, "http.route"), "/items/{name}");
    EXPECT_EQ(text(span, "url.scheme"), "http");
    EXPECT_EQ(text(span, "url.path"), "/items/raw");
    EXPECT_EQ(text(span, "server.address"), "registry.example");
    EXPECT_EQ(text(span, "client.address"), "127.0.0.1");
    EXPECT_EQ(text(span, "user_agent.original"), "tester");
    EXPECT_EQ(text(span, "error.type"), "(none)");
}

TEST_F(RequestSpanTest, TellsNoKeysThatStandInPaths) {
    SpanQueue all(1, metrics_);
    SeededRandom random(7);
    const std::string key =
        identity::render_token(identity::make_token(identity::TokenKind::app_key, random));
    test::TestApp app(routes, with_spans(all));
    app.ask("GET /items/" + key);
    app.ask("DELETE /items/" + key);
    app.finish();
    const std::vector<Span> spans = all.take(10);
    ASSERT_EQ(spans.size(), 2u);
    for (const Span& span : spans) EXPECT_EQ(text(span, "url.path"), "/items/***");
}

TEST_F(RequestSpanTest, CallsOnlyOurOwnFailuresErrors) {
    SpanQueue all(1, metrics_);
    test::TestApp app(routes, with_spans(all));
    app.ask("GET /items/a?fail=1");
    app.ask("GET /nowhere");
    app.connect().exchange("BREW " + std::string(3000, '/') + " HTTP/1.1\r\nHost: a\r\n\r\n");
    app.ask("GET /" + std::string(3000, 'a'), "User-Agent: " + std::string(3000, 'b') + "\r\n");
    app.finish();
    const std::vector<Span> spans = all.take(10);
    ASSERT_EQ(spans.size(), 4u);
    EXPECT_EQ(spans[0].status, SpanStatus::error);
    EXPECT_EQ(text(spans[0], "error.type"), "500");
    EXPECT_EQ(spans[1].status, SpanStatus::unset);
    EXPECT_EQ(spans[1].name, "GET");
    EXPECT_EQ(text(spans[1], "http.route"), "(none)");
    EXPECT_EQ(spans[2].name, "HTTP") << "what was refused before it was understood";
    EXPECT_EQ(text(spans[2], "http.request.method"), "_OTHER");
    EXPECT_EQ(text(spans[2], "http.response.status_code"), "501");
    EXPECT_EQ(spans[2].status, SpanStatus::unset) << "a method that nobody knows is the client's mistake";
    EXPECT_EQ(text(spans[3], "url.path").size(), limits::span_text_bytes)
        << "a client cannot fill our memory";
    EXPECT_EQ(text(spans[3], "user_agent.original").size(), limits::span_text_bytes);
}

TEST_F(RequestSpanTest, FollowsATrustedProxysDecisionAndNobodyElses) {
    SpanQueue all(1, metrics_);
    const auto ask = [](test::TestApp& app, const std::string& flags) {
        const std::string header = "traceparent: 00-" + trace_id + "-" + parent_id + "-" + flags + "\r\n";
        const std::string made = app.ask("GET /items/a", header).body;
        EXPECT_EQ(made.substr(3, 32), trace_id) << "the trace goes on in any case";
        return made.substr(53);
    };
    test::TestApp none_kept(routes, with_spans(queue_));
    EXPECT_TRUE(none_kept.ask("GET /items/a").body.ends_with("-00"));
    EXPECT_EQ(ask(none_kept, "01"), "00") << "a stranger cannot fill our queue";
    EXPECT_EQ(ask(none_kept, "00"), "00");
    none_kept.finish();
    EXPECT_EQ(queue_.size(), 0u);

    test::TestApp all_kept(routes, with_spans(all));
    EXPECT_EQ(ask(all_kept, "00"), "01") << "nor hide from us";
    test::TestApp behind_proxy(routes, with_spans(all, "127.0.0.1"));
    EXPECT_EQ(ask(behind_proxy, "00"), "00");
    behind_proxy.finish();
    all_kept.finish();
    EXPECT_EQ(all.size(), 1u);
}

}  // namespace
}  // namespace lodestone::app
