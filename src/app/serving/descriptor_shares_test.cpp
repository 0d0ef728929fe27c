// Nobody's share is larger than what there is, and nobody's is nothing.
#include "app/serving/descriptor_shares.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace lodestone::app {
namespace {

TEST(DescriptorShares, ConnectionsLeaveSomeForFiles) {
    struct Row {
        std::uint64_t descriptors;
        std::size_t connections;
        std::size_t files;
    };
    for (const Row& row : {Row{200, 80, 40}, Row{1'024, 630, 314}, Row{20'000, 13'280, 6'640},
                           Row{1'048'576, 16'384, 1'032'112}, Row{64, 22, 10}}) {
        const DescriptorShares shares = share_descriptors(row.descriptors, 16'384);
        EXPECT_EQ(shares.connections, row.connections) << row.descriptors;
        EXPECT_EQ(shares.files, row.files) << row.descriptors;
    }
    EXPECT_EQ(share_descriptors(1'024, 10).connections, 10);
}

TEST(DescriptorShares, TogetherTheyAreNoMoreThanThereAre) {
    for (std::uint64_t descriptors = 8; descriptors < 3'000; ++descriptors) {
        const DescriptorShares shares = share_descriptors(descriptors, 2'000);
        EXPECT_GT(shares.files, 0) << descriptors;
        EXPECT_GT(shares.connections, 0) << descriptors;
        const std::uint64_t others = std::min<std::uint64_t>(limits::other_descriptors, descriptors / 2);
        EXPECT_EQ(shares.files + shares.connections + others, descriptors);
    }
}

}  // namespace
}  // namespace lodestone::app
