// How much of a list a client wants at once.
#pragma once

#include <cstdint>

#include "http/message/path.hpp"

namespace lodestone::formats::oci {

// `n`, or as many as there are of one page: never more than these, however many were asked for. Refuses what
// is no number.
std::int64_t page_size(const http::Query& query, std::int64_t most);

}  // namespace lodestone::formats::oci
