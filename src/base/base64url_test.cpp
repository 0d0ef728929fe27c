// Base64url both ways, and everything that only looks like it.
#include "base/base64url.hpp"

#include <gtest/gtest.h>

namespace lodestone {
namespace {

TEST(Base64url, KnowsTheVectors) {
    const std::pair<std::string_view, std::string_view> vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF", "-_8"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(render_base64url(bytes), text);
        EXPECT_EQ(parse_base64url(text), std::string(bytes));
    }
}

TEST(Base64url, ComesBackForEveryByte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
        EXPECT_EQ(parse_base64url(render_base64url(bytes)), bytes);
    }
}

TEST(Base64url, RefusesOtherSpellings) {
    for (const std::string_view text :
         {"Z", "Zg==", "Zg=", "Zm9v\n", "Z g", "+_8", "-/8", "Zh", "Zm9", "Zm9vY", "é"})
        EXPECT_FALSE(parse_base64url(text)) << text;
}

}  // namespace
}  // namespace lodestone
