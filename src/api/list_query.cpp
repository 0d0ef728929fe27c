// Query parameters that nobody knows are refused: a filter with a typing error would list everything.
#include "api/list_query.hpp"

#include <algorithm>
#include <charconv>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/time_text.hpp"

namespace lodestone::api {

namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view why) {
    throw Problem(problems::invalid_input,
                  "The query's parameter " + std::string(name) + " " + std::string(why));
}

std::int64_t read_limit(std::string_view text) {
    std::int64_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size() || limit < 1 ||
        limit > limits::page_rows_most)
        refuse("limit", "must be a whole number from 1 to " + std::to_string(limits::page_rows_most) + ".");
    return limit;
}

}  // namespace

void check_query(const http::Query& query, std::span<const std::string_view> known) {
    for (const auto& [name, value] : query.parameters()) {
        const std::string shown = name.substr(0, limits::json_fault_name_bytes);
        if (std::ranges::count(known, name) == 0) {
            std::string all;
            for (const std::string_view one : known) (all += all.empty() ? "" : ", ") += one;
            refuse(shown, known.empty() ? "is unknown; there are none here."
                                        : "is unknown; those that may be sent are: " + all + ".");
        }
        if (query.find_all(name).size() > 1) refuse(shown, "was sent twice; send it once.");
    }
}

db::ListRequest read_list_request(const http::Query& query, std::span<const std::string_view> filters) {
    std::vector<std::string_view> known{"limit", "cursor", "sort"};
    known.insert(known.end(), filters.begin(), filters.end());
    check_query(query, known);
    db::ListRequest request;
    for (const auto& [name, value] : query.parameters()) {
        if (name == "limit")
            request.limit = read_limit(value);
        else if (name == "cursor")
            request.cursor = value;
        else if (name == "sort")
            request.sort = value;
        else
            request.filters.emplace_back(name, value);
    }
    return request;
}

std::string read_query_text(std::string_view name, std::string_view value, std::size_t most_bytes) {
    if (value.empty()) refuse(name, "cannot be empty.");
    if (value.size() > most_bytes)
        refuse(name, "is too long: " + std::to_string(most_bytes) + " bytes are the most.");
    return std::string(value);
}

void read_query_value(std::string_view name, std::string_view value, std::optional<Time>& to) {
    to = parse_rfc3339(value);
    if (!to) refuse(name, "must be a time as RFC 3339 has it: \"2027-01-15T08:00:00Z\".");
}

}  // namespace lodestone::api
