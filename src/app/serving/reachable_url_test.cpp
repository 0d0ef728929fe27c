// Which URLs are shown to people instead of "every address".
#include "app/serving/reachable_url.hpp"

#include <gtest/gtest.h>

namespace lodestone::app {
namespace {

TEST(ReachableUrl, NamesThisMachineInsteadOfEveryAddress) {
    const struct {
        std::string_view listening;
        std::string_view reachable;
    } cases[] = {
        {"http://0.0.0.0:8080", "http://127.0.0.1:8080"},
        {"https://0.0.0.0:8443", "https://127.0.0.1:8443"},
        {"http://[::]:8080", "http://[::1]:8080"},
        {"http://10.0.0.0:8080", "http://10.0.0.0:8080"},
        {"http://[fd00::]:8080", "http://[fd00::]:8080"},
        {"http://registry.example:8080", "http://registry.example:8080"},
    };
    for (const auto& c : cases) EXPECT_EQ(reachable_url(c.listening), c.reachable);
}

}  // namespace
}  // namespace lodestone::app
