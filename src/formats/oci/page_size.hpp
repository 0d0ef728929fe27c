// Lists of names: how much of one a client wants at once, and how a page is written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/path.hpp"

namespace lodestone::formats::oci {

// `n`, or as many as there are of one page: never more than these, however many were asked for. Refuses what
// is no number.
std::int64_t page_size(const http::Query& query, std::int64_t most);

// Leaves the page; whether there is another, since one more was found than belongs to this one. Of nothing
// there is no next one.
bool cut_to_page(std::vector<std::string>& names, std::int64_t page);
// As JSON.
std::string render_names(const std::vector<std::string>& names);
// Where the page behind `last` is.
std::string render_next(std::string_view url, std::int64_t page, std::string_view last);

}  // namespace lodestone::formats::oci
