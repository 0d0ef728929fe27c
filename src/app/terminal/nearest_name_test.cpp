// Which mistyped names get a suggestion, and which are too far from everything.
#include "app/terminal/nearest_name.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lodestone::app {
namespace {

constexpr std::array<std::string_view, 5> known{"serve", "config", "version", "server.listen", "tls.listen"};

TEST(NearestName, FindsWhatWasMeant) {
    struct Row {
        std::string_view name;
        std::string_view meant;  // empty: no suggestion
    };
    for (const Row& row :
         {Row{"serve", "serve"}, Row{"sevre", "serve"}, Row{"srv", ""}, Row{"conf", "config"},
          Row{"cofnig", "config"}, Row{"versions", "version"}, Row{"server.lisen", "server.listen"},
          Row{"server.port", ""}, Row{"", ""}, Row{"tls.listem", "tls.listen"}, Row{"x", ""}}) {
        EXPECT_EQ(find_nearest_name(row.name, known).value_or(""), row.meant) << row.name;
    }
}

TEST(NearestName, SaysNothingAboutVeryLongNames) {
    EXPECT_EQ(find_nearest_name(std::string(5000, 's'), known), std::nullopt);
}

TEST(NearestName, RendersASentenceTail) {
    EXPECT_EQ(render_suggestion("sevre", known), "; did you mean serve?");
    EXPECT_EQ(render_suggestion("zzz", known), "");
}

}  // namespace
}  // namespace lodestone::app
