// The series behind /metrics that tell how requests fare.
#include "app/serving/request_metrics.hpp"

#include <algorithm>

namespace lodestone::app {

RequestMetrics::RequestMetrics(Metrics& metrics, const http::Router& router)
    : received_(metrics.counter("lodestone_http_request_bytes_total", "Bytes of request bodies received.")),
      sent_(metrics.counter("lodestone_http_response_bytes_total", "Bytes of response bodies sent.")),
      in_flight_(metrics.gauge("lodestone_http_requests_in_flight", "Requests being answered now.")) {
    for (const http::Route* route : router.routes())
        by_route_.emplace(route, make_series(metrics, http::method_name(route->method), route->pattern));
    unmatched_ = make_series(metrics, "any", "(none)");
}

RequestMetrics::Series RequestMetrics::make_series(Metrics& metrics, std::string_view method,
                                                   std::string_view route) {
    static constexpr std::array classes{"1xx", "2xx", "3xx", "4xx", "5xx"};
    Series series{};
    const std::string method_text(method);
    const std::string route_text(route);
    for (std::size_t i = 0; i < classes.size(); ++i) {
        series.by_class[i] =
            &metrics.counter("lodestone_http_requests_total", "Requests answered.",
                             {{"method", method_text}, {"route", route_text}, {"status", classes[i]}});
    }
    series.duration = &metrics.histogram("lodestone_http_request_duration_seconds",
                                         "From the end of a request's head to the end of its answer.",
                                         {{"method", method_text}, {"route", route_text}});
    return series;
}

void RequestMetrics::note(const http::Route* route, int status, double seconds, std::uint64_t received_bytes,
                          std::uint64_t sent_bytes) {
    const auto entry = by_route_.find(route);
    Series& series = entry == by_route_.end() ? unmatched_ : entry->second;
    series.by_class[static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1)]->add();
    series.duration->observe(seconds);
    if (received_bytes > 0) received_.add(received_bytes);
    if (sent_bytes > 0) sent_.add(sent_bytes);
}

}  // namespace lodestone::app
