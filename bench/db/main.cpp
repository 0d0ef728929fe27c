// The program that ./dev bench db runs, once for each number: `db_bench CASE ADDRESS COUNT SECONDS
// [READERS]`.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>

#include "cases.hpp"

namespace {

using namespace lodestone::bench;
using Numbers = std::vector<double>;

Numbers numbers_of(const Rate& rate) {
    return {rate.per_second, rate.cpu_us};
}

struct Case {
    std::string_view name;
    std::function<Numbers(const CaseOptions&)> measure;
};

// `count` is the deepest of three depths: the others are the same in every run.
Numbers time_three_pages(const CaseOptions& options) {
    return time_pages(options, {10, 1'000, static_cast<std::int64_t>(options.count)});
}

const Case cases[] = {
    {"prepare",
     [](const CaseOptions& options) -> Numbers {
         prepare(options, static_cast<std::int64_t>(options.count));
         return {};
     }},
    {"look_up", [](const auto& options) { return numbers_of(measure_look_ups(options, Waiting::on_loops)); }},
    {"read", [](const auto& options) { return numbers_of(measure_reads(options, Waiting::on_loops)); }},
    {"look_up_blocking",
     [](const auto& options) { return numbers_of(measure_look_ups(options, Waiting::in_threads)); }},
    {"read_blocking",
     [](const auto& options) { return numbers_of(measure_reads(options, Waiting::in_threads)); }},
    {"tens", [](const auto& options) { return numbers_of(measure_tens(options)); }},
    {"publish_plain",
     [](const auto& options) { return numbers_of(measure_publishing(options, Sending::one_by_one)); }},
    {"publish_pipelined",
     [](const auto& options) { return numbers_of(measure_publishing(options, Sending::together)); }},
    {"commits", [](const auto& options) { return numbers_of(measure_commits(options)); }},
    {"raw_select",
     [](const auto& options) { return numbers_of(measure_raw_reads(options, Around::nothing)); }},
    {"raw_read",
     [](const auto& options) { return numbers_of(measure_raw_reads(options, Around::transaction)); }},
    {"raw_tens",
     [](const auto& options) { return numbers_of(measure_raw_reads(options, Around::ten_in_transaction)); }},
    {"raw_commits", [](const auto& options) { return numbers_of(measure_raw_commits(options)); }},
    {"hop", time_hops},
    {"bare_hop", time_bare_hops},
    {"pages", time_three_pages},
};

int refuse_arguments() {
    std::fputs("usage: db_bench CASE ADDRESS COUNT SECONDS [READERS]; cases:", stderr);
    for (const Case& known : cases)
        std::fprintf(stderr, " %.*s", static_cast<int>(known.name.size()), known.name.data());
    std::fputs("\n", stderr);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const std::span arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() < 5 || arguments.size() > 6) return refuse_arguments();
    CaseOptions options{.address = arguments[2],
                        .count = std::strtoull(arguments[3], nullptr, 10),
                        .seconds = std::strtod(arguments[4], nullptr)};
    if (arguments.size() > 5) options.readers = std::strtoull(arguments[5], nullptr, 10);
    if (options.count == 0 || options.seconds <= 0 || options.readers == 0) return refuse_arguments();
    for (const Case& known : cases) {
        if (known.name != arguments[1]) continue;
        for (const double number : known.measure(options)) std::printf("%.3f ", number);
        std::printf("\n");
        return 0;
    }
    return refuse_arguments();
}
