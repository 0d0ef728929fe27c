// Received headers written down in a test: {{"Range", "bytes=0-1"}, …}. The texts must outlive the result.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>

#include "http/message/headers.hpp"

namespace lodestone::test {

inline http::ReceivedHeaders make_headers(std::initializer_list<http::HeaderField> fields) {
    http::ReceivedHeaders headers;
    for (const auto& field : fields) EXPECT_TRUE(headers.append(field)) << "too many headers in a test";
    return headers;
}

}  // namespace lodestone::test
