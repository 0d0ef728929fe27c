// The caller's state goes on with his trace, and with no other.
#include "http/message/trace_headers.hpp"

#include <gtest/gtest.h>

#include "support/received_headers.hpp"

namespace lodestone::http {
namespace {

const TraceContext continued{.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
                             .span_id = "b7ad6b7169203331",
                             .parent_id = "00f067aa0ba902b7",
                             .is_sampled = true};

TEST(TraceHeaders, CarryTheCallersStateOn) {
    const auto received = test::make_headers({{"tracestate", "one=1,two=2"}, {"Tracestate", "three=3"}});
    Headers sent;
    add_trace_headers(continued, received, sent);
    EXPECT_EQ(sent.find("traceparent"), "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01");
    EXPECT_EQ(sent.find("tracestate"), "one=1,two=2, three=3");
}

TEST(TraceHeaders, LeaveOutWhatBelongsToNoTrace) {
    TraceContext begun = continued;
    begun.parent_id.clear();
    Headers sent;
    sent.add("tracestate", "stale=1");
    add_trace_headers(begun, test::make_headers({{"tracestate", "one=1"}}), sent);
    EXPECT_EQ(sent.find("tracestate"), std::nullopt);
    const std::string longer = "one=" + std::string(509, '1');
    add_trace_headers(continued, test::make_headers({{"tracestate", longer}}), sent);
    EXPECT_EQ(sent.find("tracestate"), std::nullopt) << "a part of it would be somebody else's word";
    add_trace_headers(continued, test::make_headers({{"tracestate", longer.substr(1)}}), sent);
    EXPECT_EQ(sent.find("tracestate"), longer.substr(1));
}

}  // namespace
}  // namespace lodestone::http
