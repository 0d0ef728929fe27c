// Readmes over HTTP, on both engines: the package's whole document has its latest version's, and no other has
// any.
#include <gmock/gmock.h>

#include "base/npm_limits.hpp"
#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Packed;
using test::Reply;
using test::TarEntry;

class NpmReadme : public test::NpmShop {
  protected:
    static Packed pack(const std::string& version, std::vector<TarEntry> more) {
        more.push_back({.path = "package/package.json",
                        .content = R"({"name":"left-pad","version":")" + version + "\"}"});
        return {.version = version, .tarball = test::make_tgz(more)};
    }
    std::string readme() { return fetch("left-pad").at("/readme"); }
};
INSTANTIATE_ON_EVERY_DATABASE(NpmReadme);

TEST_P(NpmReadme, IsTheLatestVersions) {
    ASSERT_EQ(publish(pack("1.0.0", {{.path = "package/README.md", .content = "# One \"pad\"\n"}})).status,
              201);
    const Reply whole = fetch("left-pad");
    EXPECT_EQ(whole.at("/readme"), "# One \"pad\"\n");
    EXPECT_EQ(whole.at("/readmeFilename"), "README.md");
    EXPECT_EQ(whole.at("/versions/1.0.0/readme"), "");
    EXPECT_EQ(fetch("left-pad", "Accept: application/vnd.npm.install-v1+json\r\n").at("/readme"), "");
    Packed next = pack("2.0.0", {{.path = "package/README.md", .content = "# Two\n"}});
    next.tag = "next";
    ASSERT_EQ(publish(next).status, 201);
    EXPECT_EQ(readme(), "# One \"pad\"\n");
    ASSERT_EQ(ask("PUT " + at("-/package/left-pad/dist-tags/latest"), "\"2.0.0\"").status, 201);
    EXPECT_EQ(readme(), "# Two\n");
    EXPECT_EQ(fetch("left-pad?write=true").at("/readme"), "# Two\n");
    ASSERT_EQ(publish(pack("3.0.0", {})).status, 201);
    EXPECT_EQ(readme(), "") << "of a version that has none nothing is said";
}

TEST_P(NpmReadme, IsTheDocumentsWhereThatHasOne) {
    Packed packed = pack("1.0.0", {{.path = "package/README.md", .content = "of the tarball"}});
    packed.manifest = {{"readme", "of the document"}, {"readmeFilename", "other.md"}};
    ASSERT_EQ(publish(packed).status, 201);
    EXPECT_EQ(readme() + fetch("left-pad").at("/readmeFilename"), "of the documentother.md");
    packed = pack("1.0.1", {{.path = "package/README.md", .content = "of the tarball"}});
    packed.manifest = {{"readme", "ERROR: No README data found!"}};
    ASSERT_EQ(publish(packed).status, 201);
    EXPECT_EQ(readme(), "of the tarball");
    packed = pack("1.0.2", {});
    packed.manifest = {{"readme", boost::json::array{1}}};
    ASSERT_EQ(publish(packed).status, 201);
    EXPECT_EQ(readme(), "");
}

TEST_P(NpmReadme, OfSeveralFilesOneIsTaken) {
    ASSERT_EQ(publish(pack("1.0.0", {{.path = "package/readme", .content = "plain"},
                                     {.path = "package/ReadMe.MD", .content = "marked"},
                                     {.path = "package/README.txt", .content = "text"},
                                     {.path = "package/docs/README.md", .content = "below"}}))
                  .status,
              201);
    EXPECT_EQ(readme() + fetch("left-pad").at("/readmeFilename"), "markedReadMe.MD");
    ASSERT_EQ(publish(pack("1.0.1", {{.path = "package/docs/README.md", .content = "below"}})).status, 201);
    EXPECT_EQ(readme(), "");
}

// However it is written, it is text, and not too much of it.
TEST_P(NpmReadme, IsCutAndMended) {
    std::string umlauts;
    while (umlauts.size() < 2 * limits::npm_readme_bytes) umlauts += "x\xC3\xBC\xC3\xBC";
    ASSERT_EQ(publish(pack("1.0.0", {{.path = "package/README", .content = umlauts}})).status, 201);
    const std::string cut = readme();
    EXPECT_LE(cut.size(), limits::npm_readme_bytes);
    EXPECT_GT(cut.size(), limits::npm_readme_bytes - 2);
    EXPECT_EQ(cut, umlauts.substr(0, cut.size()));
    ASSERT_EQ(
        publish(pack("1.0.1", {{.path = "package/README", .content = std::string("a\0b\xFF", 4)}})).status,
        201);
    EXPECT_EQ(readme(), std::string("a\0b", 3) + "\xEF\xBF\xBD");
    ASSERT_EQ(publish(pack("1.0.2", {{.path = "package/README",
                                      .content = std::string(limits::npm_readme_bytes + 9, '\x80')}}))
                  .status,
              201);
    EXPECT_EQ(fetch("left-pad").status, 200);
}

TEST_P(NpmReadme, ComesWithWhatWasStaged) {
    const Packed packed = pack("1.0.0", {{.path = "package/README.md", .content = "# One\n"}});
    const Reply staged =
        ask("POST " + at("-/stage/package/left-pad"), boost::json::serialize(packed.document()));
    ASSERT_EQ(ask("POST " + at("-/stage/" + staged.at("/stageId") + "/approve")).status, 201);
    EXPECT_EQ(readme(), "# One\n");
}

}  // namespace
}  // namespace lodestone::formats::npm
