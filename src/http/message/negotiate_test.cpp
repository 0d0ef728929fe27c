// Content negotiation: weights, wildcards, refusals, and what real clients send.
#include "http/message/negotiate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/limits.hpp"

namespace lodestone::http {
namespace {

constexpr std::array all{Coding::identity, Coding::gzip, Coding::zstd};
constexpr std::array only_gzip{Coding::gzip};
constexpr std::array plain_and_gzip{Coding::identity, Coding::gzip};

struct CodingCase {
    std::optional<std::string_view> header;
    std::span<const Coding> available;
    std::optional<Coding> chosen;
};

class AcceptEncoding : public ::testing::TestWithParam<CodingCase> {};

TEST_P(AcceptEncoding, Chooses) {
    const auto& [header, available, chosen] = GetParam();
    EXPECT_EQ(negotiate_coding(header, available), chosen) << header.value_or("(absent)");
}

INSTANTIATE_TEST_SUITE_P(
    Table, AcceptEncoding,
    ::testing::Values(
        CodingCase{std::nullopt, all, Coding::identity}, CodingCase{"", all, Coding::identity},
        CodingCase{"gzip", all, Coding::gzip}, CodingCase{"gzip, deflate, br, zstd", all, Coding::zstd},
        CodingCase{"gzip, deflate, br", all, Coding::gzip}, CodingCase{"GZIP", all, Coding::gzip},
        CodingCase{"x-gzip", all, Coding::gzip}, CodingCase{"gzip;q=0.9, zstd;q=0.5", all, Coding::gzip},
        CodingCase{"gzip;q=0.001", all, Coding::gzip}, CodingCase{"gzip;q=0", all, Coding::identity},
        CodingCase{"gzip;q=0.000", all, Coding::identity}, CodingCase{"gzip ; Q=0", all, Coding::identity},
        CodingCase{"gzip;q=0.0001", all, Coding::gzip}, CodingCase{"br", all, Coding::identity},
        CodingCase{"*", all, Coding::zstd}, CodingCase{"*, zstd;q=0", all, Coding::gzip},
        CodingCase{"*;q=0", all, std::nullopt}, CodingCase{"*;q=0, gzip", all, Coding::gzip},
        CodingCase{"identity;q=0", all, std::nullopt},
        CodingCase{"identity;q=0, gzip;q=0.1", all, Coding::gzip},
        CodingCase{"*;q=0, identity", all, Coding::identity},
        CodingCase{"identity, gzip;q=0.5", all, Coding::identity},
        CodingCase{"identity, gzip", all, Coding::gzip},
        CodingCase{"identity;q=0.5, *;q=0", all, Coding::identity},
        CodingCase{"*;q=0.5, identity;q=0.4", all, Coding::zstd},
        CodingCase{"identity;q=0, br", plain_and_gzip, std::nullopt},
        CodingCase{"zstd", plain_and_gzip, Coding::identity}, CodingCase{"zstd", only_gzip, std::nullopt},
        CodingCase{std::nullopt, only_gzip, std::nullopt},
        CodingCase{"gzip", std::span<const Coding>(), std::nullopt},
        // Members that cannot be read are passed over.
        CodingCase{"gzip;q=2", all, Coding::identity}, CodingCase{"gzip;q=", all, Coding::identity},
        CodingCase{"gzip;q=-1, zstd", all, Coding::zstd}, CodingCase{"gzip;q=1.001", all, Coding::identity},
        CodingCase{";;,,=", all, Coding::identity}, CodingCase{"gzip;", all, Coding::gzip},
        CodingCase{"\"gzip\"", all, Coding::identity}));

TEST(AcceptEncoding, OrderOfAvailableDoesNotMatter) {
    constexpr std::array reversed{Coding::zstd, Coding::gzip, Coding::identity};
    EXPECT_EQ(negotiate_coding("gzip, zstd", reversed), Coding::zstd);
    EXPECT_EQ(negotiate_coding("gzip, zstd", all), Coding::zstd);
}

TEST(AcceptEncoding, CodingsHaveTheirRegisteredNames) {
    EXPECT_EQ(coding_name(Coding::identity), "identity");
    EXPECT_EQ(coding_name(Coding::gzip), "gzip");
    EXPECT_EQ(coding_name(Coding::zstd), "zstd");
}

struct TypeCase {
    std::optional<std::string_view> header;
    std::optional<std::size_t> chosen;
};

class Accept : public ::testing::TestWithParam<TypeCase> {};

// 0, 1, 2
constexpr std::array<std::string_view, 3> types{"application/json", "text/html", "text/plain; version=0.0.4"};

TEST_P(Accept, Chooses) {
    const auto& [header, chosen] = GetParam();
    EXPECT_EQ(negotiate_media_type(header, types), chosen) << header.value_or("(absent)");
}

INSTANTIATE_TEST_SUITE_P(
    Table, Accept,
    ::testing::Values(
        TypeCase{std::nullopt, 0}, TypeCase{"", 0}, TypeCase{"*/*", 0}, TypeCase{"text/html", 1},
        TypeCase{"TEXT/HTML", 1}, TypeCase{"text/*", 1}, TypeCase{"text/plain", 2},
        TypeCase{"text/html;q=0.5, application/json;q=0.5", 0},
        TypeCase{"text/html, application/json;q=0.9", 1}, TypeCase{"*/*;q=0.1, text/html;q=0.05", 0},
        TypeCase{"text/*;q=0.9, text/html;q=0.1, */*;q=0.5", 2}, TypeCase{"*/*, application/json;q=0", 1},
        TypeCase{"image/png", std::nullopt}, TypeCase{"*/*;q=0", std::nullopt},
        TypeCase{"application/json;q=0", std::nullopt}, TypeCase{"text/plain;version=0.0.4", 2},
        TypeCase{"text/plain;version=\"0.0.4\"", 2}, TypeCase{"text/plain;version=1", std::nullopt},
        TypeCase{"text/plain;q=0.1, text/plain;version=0.0.4;q=0", std::nullopt},
        TypeCase{"application/json; charset=utf-8", 0},
        TypeCase{"application/json;odata=verbose", std::nullopt},
        TypeCase{"application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", 2},
        // What Java's URLConnection sends: the bare star is nobody's grammar.
        TypeCase{"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", 1},
        TypeCase{"image/gif, *; q=.2", 0},
        TypeCase{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", 1},
        TypeCase{"garbage;;q=x", 0}, TypeCase{"application", std::nullopt},
        TypeCase{"application/", std::nullopt}, TypeCase{"*/html", std::nullopt}));

// What was chosen lately is remembered: for the same header and the same types, and no others.
TEST(Accept, IsChosenAnewForOtherTypesAndHeaders) {
    constexpr std::string_view first[] = {"text/html", "application/json"};
    constexpr std::string_view second[] = {"application/json", "text/html"};
    constexpr std::string_view alone[] = {"text/html"};
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(negotiate_media_type("application/json", first), 1u);
        EXPECT_EQ(negotiate_media_type("application/json", second), 0u);
        EXPECT_EQ(negotiate_media_type("application/json", alone), std::nullopt);
        EXPECT_EQ(negotiate_media_type("text/html", first), 0u);
        EXPECT_EQ(negotiate_media_type("text/html, */*;q=0.1", second), 1u);
        EXPECT_EQ(negotiate_media_type(std::string(300, ' ') + "text/html", second), 1u)
            << "too long to keep";
    }
}

TEST(Accept, NothingAvailableIsNothingAcceptable) {
    EXPECT_EQ(negotiate_media_type("*/*", {}), std::nullopt);
}

// What comes after the limit is not even read: thousands of members are nobody's wish.
TEST(Negotiate, ReadsSoManyMembersAndNoMore) {
    const Coding available[] = {Coding::gzip, Coding::identity};
    std::string list;
    for (std::size_t i = 1; i < limits::accepted_members; ++i) list += "x-" + std::to_string(i) + ", ";
    EXPECT_EQ(negotiate_coding(list + "gzip", available), Coding::gzip);
    EXPECT_EQ(negotiate_coding("x-0, " + list + "gzip", available), Coding::identity);
}

}  // namespace
}  // namespace lodestone::http
