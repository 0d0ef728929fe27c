// What is printed for clients: lines of each format that has some, with nothing to fill in but names.
#include "app/serving/way_in.hpp"

#include <gmock/gmock.h>

namespace lodestone::app {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(WayIn, PrintsLinesOfFormatsThatHaveSome) {
    const std::string text = render_client_lines(packages::served_formats(), "https://registry.example",
                                                 "lodestone", "--data '/a b'");
    EXPECT_THAT(
        text,
        HasSubstr("  npm         lodestone repository create npm --app main --format npm --data '/a b'\n"
                  "              npm config set registry https://registry.example/npm/default/npm/\n"
                  "              npm config set //registry.example/npm/default/npm/:_authToken \"$("
                  "lodestone key create --data '/a b' --user admin --quiet)\"\n"));
    EXPECT_THAT(text, HasSubstr("@registry.example/pypi/default/pypi/simple/\" NAME\n"));
    EXPECT_THAT(text, Not(HasSubstr("  generic ")));
}

}  // namespace
}  // namespace lodestone::app
