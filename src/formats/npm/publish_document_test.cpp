// Documents as clients publish with them, and as they must not; and what is rendered from them.
#include "formats/npm/publish_document.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/problem.hpp"
#include "formats/npm/package_json.hpp"
#include "formats/npm/version_manifest.hpp"
#include "support/files.hpp"

namespace lodestone::formats::npm {
namespace {

namespace fs = std::filesystem;

fs::path corpus(const char* name) {
    return test::source_path("src/formats/npm/testdata") / name;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

PublishedVersion parse_file(const std::string& name) {
    PackageDocument document = parse_package_document(read(corpus("accept") / name));
    const std::string package = document.name;
    return find_published_version(std::move(document), package);
}

constexpr const char* whole = "}}";  // of what is rendered open

TEST(NpmDocument, TakesAllThatIsToBeTaken) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(corpus("accept"))) {
        EXPECT_NO_THROW(render_manifests(parse_file(entry.path().filename()).manifest, {})) << entry.path();
        ++count;
    }
    EXPECT_GE(count, 11);
}

TEST(NpmDocument, RefusesAllThatIsToBeRefused) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(corpus("reject"))) {
        ++count;
        try {
            PackageDocument document = parse_package_document(read(entry.path()));
            render_manifests(find_published_version(std::move(document), "left-pad").manifest, {});
            ADD_FAILURE() << entry.path() << " was taken";
        } catch (const Problem& problem) {
            EXPECT_EQ(problem.kind().code, problems::invalid_input.code) << entry.path();
        }
    }
    EXPECT_GE(count, 48);
}

TEST(NpmDocument, SaysWhatIsPublished) {
    const PublishedVersion published = parse_file("merged.json");
    EXPECT_EQ(published.version, "1.0.0");
    EXPECT_EQ(published.tags, std::vector<std::string>{"latest"}) << "the other version's are no news";
    EXPECT_EQ(published.integrity, "sha512-x");
    EXPECT_EQ(published.size_bytes, 10U);
    EXPECT_EQ(parse_file("build.json").version, "1.0.0")
        << "what comes behind + tells no version from another";
    EXPECT_EQ(parse_file("scoped_without_scope_in_file.json").name, "@acme/left-pad");
    EXPECT_EQ(parse_file("with_attestation.json").bundle, R"({"mediaType":"x"})");
}

TEST(NpmManifest, IsRenderedWholeAndForInstallers) {
    const auto manifest = boost::json::parse(R"({"name":"a","version":"1.0.0","readme":"long","main":"x.js",
        "dependencies":{"b":"^1"},"scripts":{"postinstall":"x"},"deprecated":"no","dist":{"tarball":"elsewhere"},
        "os":["linux"],"_id":"b@2"})")
                              .as_object();
    const TarballFacts tarball{.integrity = "sha512-x", .shasum = "ab", .file_count = 2, .unpacked_bytes = 3};
    const RenderedManifests rendered = render_manifests(manifest, tarball);
    EXPECT_EQ(rendered.full + whole,
              R"({"_id":"a@1.0.0","name":"a","version":"1.0.0","main":"x.js","dependencies":{"b":"^1"},)"
              R"("scripts":{"postinstall":"x"},"os":["linux"],"hasInstallScript":true,"dist":{)"
              R"("integrity":"sha512-x","shasum":"ab","fileCount":2,"unpackedSize":3}})");
    EXPECT_EQ(rendered.brief + whole,
              R"({"_id":"a@1.0.0","name":"a","version":"1.0.0","dependencies":{"b":"^1"},"os":["linux"],)"
              R"("hasInstallScript":true,"dist":{"integrity":"sha512-x","shasum":"ab","fileCount":2,)"
              R"("unpackedSize":3}})");
    std::string closed = rendered.brief;
    close_manifest(closed,
                   {.tarball = "https://x/a.tgz", .deprecation = "use b", .attestations = "https://x/y"});
    const auto read = boost::json::parse(closed);
    EXPECT_EQ(read.at("deprecated"), "use b");
    EXPECT_EQ(read.at("dist").at("tarball"), "https://x/a.tgz");
    EXPECT_EQ(read.at("dist").at("attestations").at("url"), "https://x/y");
}

TEST(NpmManifest, TellsPeopleWhatItIs) {
    const ManifestSummary summary = summarize(
        boost::json::parse(R"({"description":" a\u0000b ","keywords":["x",1,""],"license":{"type":"MIT"},
            "repository":{"url":"git+https://x"},"maintainers":[{"name":"ann"},"bob",3],"dependencies":{"b":"1"}})")
            .as_object());
    EXPECT_EQ(summary.description, "a b");
    EXPECT_EQ(summary.keywords, std::vector<std::string>{"x"});
    EXPECT_EQ(
        summary.facts,
        R"({"licence":"MIT","repository":"git+https://x","dependencies":{"b":"1"},"maintainers":["ann","bob"]})");
    EXPECT_EQ(summarize({}).facts, "{}");
}

TEST(NpmPackageJson, IsReadAsClientsReadIt) {
    const PackageJson read = parse_package_json("\xEF\xBB\xBF{\"name\":\"a\",\"version\":\" v1.0.0+b \"}");
    EXPECT_EQ(read.name + read.version, "a1.0.0");
    EXPECT_TRUE(
        parse_package_json(R"({"name":"a","version":"1","scripts":{"install":"x"}})").has_install_script);
    for (const char* text : {"", "[]", "{}", R"({"name":"a"})", R"({"name":1,"version":"1.0.0"})",
                             R"({"name":"a","name":"b","version":"1.0.0"})", R"({"name":"a","version":)"})
        EXPECT_TRUE(find_problem([&] { parse_package_json(text); })) << text;
}

}  // namespace
}  // namespace lodestone::formats::npm
