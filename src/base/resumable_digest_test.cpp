// Saved at every place and taken up again, a digest is what EVP says; and only what was saved is taken up.
#include "base/resumable_digest.hpp"

#include <gtest/gtest.h>

#include <openssl/evp.h>

#include <boost/describe/enum_to_string.hpp>

#include "base/hex.hpp"
#include "base/random.hpp"

namespace lodestone {
namespace {

std::string evp_digest(DigestKind kind, std::string_view bytes) {
    const EVP_MD* md = kind == DigestKind::sha256   ? EVP_sha256()
                       : kind == DigestKind::sha512 ? EVP_sha512()
                       : kind == DigestKind::sha1   ? EVP_sha1()
                                                    : EVP_md5();
    std::string digest(static_cast<std::size_t>(EVP_MD_get_size(md)), '\0');
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, md,
               nullptr);
    return digest;
}

std::string some_bytes(std::size_t size_bytes) {
    SeededRandom random(size_bytes);
    std::string bytes(size_bytes, '\0');
    random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
    return bytes;
}

std::string hex_of(std::string_view bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

class ResumableDigestTest : public ::testing::TestWithParam<DigestKind> {};
INSTANTIATE_TEST_SUITE_P(, ResumableDigestTest,
                         ::testing::Values(DigestKind::sha256, DigestKind::sha512, DigestKind::sha1,
                                           DigestKind::md5),
                         [](const auto& kind) { return boost::describe::enum_to_string(kind.param, ""); });

TEST_P(ResumableDigestTest, IsTheSameWhereverItIsSplit) {
    const std::string bytes = some_bytes(600);
    const std::string wanted = evp_digest(GetParam(), bytes);
    ASSERT_EQ(wanted.size(), digest_bytes(GetParam()));
    for (std::size_t split = 0; split <= bytes.size(); ++split) {
        ResumableDigest first(GetParam());
        first.add(std::string_view(bytes).substr(0, split));
        ASSERT_EQ(first.digest(), evp_digest(GetParam(), std::string_view(bytes).substr(0, split)));
        auto second = ResumableDigest::restore(first.save());
        ASSERT_TRUE(second.has_value()) << split;
        ASSERT_EQ(second->kind(), GetParam());
        second->add(std::string_view(bytes).substr(split));
        ASSERT_EQ(second->digest(), wanted) << split;
    }
}

// The count of bits goes over into its second word at 512 MiB of the three with words of 32 bits.
TEST_P(ResumableDigestTest, CountsBeyondOneWord) {
    const std::string bytes(8 << 20, 'x');
    ResumableDigest whole(GetParam());
    for (int i = 0; i < 66; ++i) whole.add(bytes);
    auto resumed = ResumableDigest::restore(whole.save());
    ASSERT_TRUE(resumed.has_value());
    whole.add("y");
    resumed->add("y");
    EXPECT_EQ(resumed->digest(), whole.digest());
}

TEST_P(ResumableDigestTest, TakesUpNothingElse) {
    ResumableDigest digest(GetParam());
    digest.add(some_bytes(100));
    const std::string saved = digest.save();
    for (std::size_t size = 0; size < saved.size(); ++size)
        EXPECT_FALSE(ResumableDigest::restore(saved.substr(0, size))) << size;
    EXPECT_FALSE(ResumableDigest::restore(saved + "x"));
    EXPECT_FALSE(ResumableDigest::restore(std::string("\x02") + saved.substr(1))) << "another encoding";
    EXPECT_FALSE(ResumableDigest::restore(saved.substr(0, 1) + "\x09" + saved.substr(2))) << "another kind";
}

// RFC 7693 has no vector of 32 bytes; these are what `b2sum --length=256` says.
TEST(Blake2b, IsWhatOthersSay) {
    ResumableDigest digest(DigestKind::blake2b_256);
    EXPECT_EQ(hex_of(digest.digest()), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    digest.add("a");
    EXPECT_EQ(digest.digest(), digest.digest()) << "asking ends nothing";
    digest.add("bc");
    EXPECT_EQ(hex_of(digest.digest()), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    EXPECT_EQ(digest_bytes(DigestKind::blake2b_256), 32u);
    EXPECT_FALSE(ResumableDigest::restore(std::string("\1\4", 2)));
}

}  // namespace
}  // namespace lodestone
