// Checksums in headers: what is read, and what is refused.
#include "formats/generic/checksums.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"

namespace lodestone::formats::generic {
namespace {

constexpr std::string_view hex_of_empty =  // SHA-256 of nothing
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view base64_of_empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

blobs::Digests digests_of_nothing() {
    return blobs::RunningDigests(std::vector{DigestKind::md5}).digests();
}

TEST(Checksums, AreReadFromEveryHeader) {
    for (const auto& [name, value] :
         {std::pair<std::string_view, std::string>("X-Checksum-SHA256", hex_of_empty),
          {"Digest", "SHA-256=" + std::string(base64_of_empty)},
          {"content-digest", "crc32c=:AAAAAA==:, sha-256=:" + std::string(base64_of_empty) + ":"},
          {"Repr-Digest", "sha-256=:" + std::string(base64_of_empty) + ":"},
          {"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}) {
        const auto expected = parse_checksum_header(name, value);
        ASSERT_EQ(expected.size(), 1) << name;
        EXPECT_NO_THROW(check_checksums(expected, digests_of_nothing())) << name;
    }
    EXPECT_TRUE(parse_checksum_header("Content-Type", "text/plain").empty());
    EXPECT_TRUE(parse_checksum_header("Digest", "crc32c=AAAAAA==").empty()) << "nobody computes that";
}

TEST(Checksums, ThatCannotBeReadAreRefused) {
    for (const auto& [name, value] : {std::pair("X-Checksum-Sha256", "e3b0"),
                                      {"X-Checksum-Sha256", "xyz"},
                                      {"X-Checksum-Sha256", ""},
                                      {"X-Checksum-Sha1", "0"},
                                      {"Digest", "sha-256"},
                                      {"Digest", "sha-256=!!"},
                                      {"Content-Digest", "sha-256=::"},
                                      {"Content-MD5", "AAAA"},
                                      {"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg"}})
        EXPECT_EQ(find_problem([&] { parse_checksum_header(name, value); }),
                  "The header " + std::string(name) + " holds no checksum that can be read.")
            << value;
}

TEST(Checksums, ThatLieAreRefused) {
    const std::string zeros(64, '0');
    const auto expected = parse_checksum_header("X-Checksum-Sha256", zeros);
    EXPECT_EQ(find_problem([&] { check_checksums(expected, digests_of_nothing()); }),
              "What came is not what was announced: its SHA-256 is " + std::string(hex_of_empty) + ", not " +
                  zeros + "; send it again.");
    EXPECT_EQ(kinds_of(parse_checksum_header("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg==")),
              std::vector{DigestKind::md5});
}

}  // namespace
}  // namespace lodestone::formats::generic
