// The query of a list: limit, cursor, sort, and filters, all of which have names that are known. `Filters`
// lists those of one noun with their types; the noun checks the values itself (db/listing.hpp).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "api/json_structs.hpp"
#include "db/page.hpp"
#include "http/server/request.hpp"

namespace lodestone::api {

// `Filters` is a described struct of optionals with `static constexpr std::array sorts{…}`.
template <class Filters>
struct ListQuery {
    db::ListRequest request;
};

// Throws Problem(invalid_input) for an unknown, repeated or unusable parameter.
db::ListRequest read_list_request(const http::Query& query, std::span<const std::string_view> filters);
// Of what is no list.
void check_query(const http::Query& query, std::span<const std::string_view> known);

// The parameters of a query as a described struct of optional texts and times.
template <class Parameters>
struct QueryOf {
    Parameters parameters;
};
std::string read_query_text(std::string_view name, std::string_view value, std::size_t most_bytes);

template <std::size_t most, std::size_t least>
void read_query_value(std::string_view name, std::string_view value, std::optional<Text<most, least>>& to) {
    to = Text<most, least>{read_query_text(name, value, most)};
}

void read_query_value(std::string_view name, std::string_view value, std::optional<Time>& to);

template <class Parameters>
QueryOf<Parameters> read_query(const http::Query& query) {
    check_query(query, MemberTables<Parameters>::names);
    QueryOf<Parameters> read;
    db::for_each_member(read.parameters, [&](std::string_view name, auto& field) {
        if (const auto value = query.find(name)) read_query_value(name, *value, field);
    });
    return read;
}

}  // namespace lodestone::api
