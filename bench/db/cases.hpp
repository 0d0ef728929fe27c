// The cases of the database's benchmark: each measures one thing once and answers the numbers to print.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crowd.hpp"
#include "world.hpp"

namespace lodestone::bench {

enum class Waiting : std::uint8_t { on_loops, in_threads };

struct CaseOptions {
    std::string address;
    std::size_t count = 1;  // clients, writers, threads: what the case is about
    double seconds = 1;
    std::size_t readers = 2;  // of SQLite
};

// Tables and rows for all cases; `tenants` is how many there are to page through.
void prepare(const CaseOptions& options, std::int64_t tenants);

// One row by its key.
Rate measure_look_ups(const CaseOptions& options, Waiting waiting);
Rate measure_reads(const CaseOptions& options, Waiting waiting);
// Ten rows in one unit of work: ten times as many are counted.
Rate measure_tens(const CaseOptions& options);
// Seven statements that change something, in one transaction.
enum class Sending : std::uint8_t { one_by_one, together };
Rate measure_publishing(const CaseOptions& options, Sending sending);
// One row, durable.
Rate measure_commits(const CaseOptions& options);

// SQLite alone, with the same settings, on `count` threads.
enum class Around : std::uint8_t { nothing, transaction, ten_in_transaction };
Rate measure_raw_reads(const CaseOptions& options, Around around);
Rate measure_raw_commits(const CaseOptions& options);

// p50 and p99 in µs of an empty write, awaited on a loop, one after the other.
std::vector<double> time_hops(const CaseOptions& options);
// The same with a thread that has nothing to do but to answer.
std::vector<double> time_bare_hops(const CaseOptions& options);

// Median µs of a page of ten tenants, for each depth in pages.
std::vector<double> time_pages(const CaseOptions& options, const std::vector<std::int64_t>& depths);

}  // namespace lodestone::bench
