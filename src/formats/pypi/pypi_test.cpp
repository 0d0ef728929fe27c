// The life of a Python package over HTTP, on both engines.
#include <gmock/gmock.h>

#include "base/base64url.hpp"
#include "base/blob_limits.hpp"
#include "support/python_uploads.hpp"
#include "support/shop_test.hpp"

namespace lodestone::formats::pypi {
namespace {

using test::PythonUpload;
using test::Reply;
using test::sdist_of;
using test::wheel_of;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PypiFormat : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (!IsSkipped() && !HasFatalFailure()) make_repository("pypi", "python");
    }
    static constexpr const char* mount = "/pypi/acme/python";
    Reply upload(const PythonUpload& what, const std::string& to = "/legacy/") {
        return ask("POST " + (mount + to), what.body(), PythonUpload::content_type);
    }
    Reply fetch(const std::string& path, const std::string& headers = {}) {
        return ask("GET " + (mount + path), {}, headers);
    }
    Reply list(const std::string& project) {
        return fetch("/simple/" + project + "/", "Accept: application/vnd.pypi.simple.v1+json\r\n");
    }
    std::string count(const std::string& table) { return run_sql("SELECT count(*) FROM " + table); }
};
INSTANTIATE_ON_EVERY_DATABASE(PypiFormat);

TEST_P(PypiFormat, WhatWasUploadedIsListedAndFetched) {
    const PythonUpload wheel =
        wheel_of("six", "1.0", "Requires-Python: >=3.8\nSummary: Six\nKeywords: a,b\n");
    const Reply made = upload(wheel);
    ASSERT_EQ(made.status, 200) << made.body;
    const PythonUpload sdist = sdist_of("six", "1.0", "Requires-Python: >=3.8\n");
    ASSERT_EQ(upload(sdist, "/").status, 200);
    const Reply index = list("six");
    EXPECT_EQ(index.status, 200);
    EXPECT_EQ(index.header("content-type"), "application/vnd.pypi.simple.v1+json");
    EXPECT_THAT(index.header("vary"), HasSubstr("Accept"));
    EXPECT_EQ(index.at("/meta/api-version"), "1.4");
    EXPECT_EQ(index.at("/name"), "six");
    EXPECT_EQ(index.at("/versions"), R"(["1.0"])");
    EXPECT_EQ(index.at("/project-status/status"), "active");
    EXPECT_EQ(index.at("/files/0/filename"), "six-1.0-py3-none-any.whl");
    EXPECT_EQ(index.at("/files/0/hashes/sha256"), test::hex_sha256(wheel.bytes));
    EXPECT_EQ(index.at("/files/0/requires-python"), ">=3.8");
    EXPECT_EQ(index.at("/files/0/size"), std::to_string(wheel.bytes.size()));
    EXPECT_EQ(index.at("/files/0/yanked"), "false");
    EXPECT_EQ(index.at("/files/0/provenance"), "null");
    EXPECT_EQ(index.at("/files/0/upload-time").size(),
              std::string_view("2027-01-15T08:00:00.000000Z").size());
    EXPECT_EQ(index.at("/files/1/core-metadata"), "false") << "of an sdist nobody may believe it";
    EXPECT_EQ(index.at("/files/0/url"), "../../files/six/1.0/six-1.0-py3-none-any.whl");
    const Reply got = fetch("/files/six/1.0/six-1.0-py3-none-any.whl");
    EXPECT_EQ(got.body, wheel.bytes);
    EXPECT_EQ(got.header("content-encoding"), "");
    EXPECT_EQ(fetch("/files/six/1.0/six-1.0.tar.gz").body, sdist.bytes);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/repositories/python/packages/six").at("/description"), "Six");
}

TEST_P(PypiFormat, PartsOfFilesAndTheirHeadsAreFetched) {
    const PythonUpload wheel = wheel_of("six", "1.0");
    ASSERT_EQ(upload(wheel).status, 200);
    const std::string path = "/files/six/1.0/six-1.0-py3-none-any.whl";
    const Reply head = ask("HEAD " + (mount + path));
    EXPECT_EQ(head.header("content-length"), std::to_string(wheel.bytes.size()));
    EXPECT_EQ(head.header("accept-ranges"), "bytes");
    const Reply part = fetch(path, "Range: bytes=-10\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, wheel.bytes.substr(wheel.bytes.size() - 10));
}

TEST_P(PypiFormat, MetadataOfAWheelIsFetchedAlone) {
    const std::string metadata = test::python_metadata("six", "1.0", "Requires-Dist: seven\n\nLong text\n");
    const PythonUpload wheel =
        PythonUpload::of("six", "1.0", "six-1.0-py3-none-any.whl", test::make_wheel("six-1.0", metadata));
    ASSERT_EQ(upload(wheel).status, 200);
    const Reply got = fetch("/files/six/1.0/six-1.0-py3-none-any.whl.metadata");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, metadata);
    const Reply index = list("six");
    EXPECT_EQ(index.at("/files/0/core-metadata/sha256"), test::hex_sha256(metadata));
    EXPECT_EQ(index.at("/files/0/data-dist-info-metadata/sha256"), test::hex_sha256(metadata));
    EXPECT_EQ(fetch("/files/six/1.0/six-1.0-py3-none-any.whl.metadata", "Range: bytes=0-7\r\n").body,
              "Metadata");
    ASSERT_EQ(upload(sdist_of("six", "1.0")).status, 200);
    EXPECT_EQ(fetch("/files/six/1.0/six-1.0.tar.gz.metadata").status, 404);
    EXPECT_EQ(fetch("/files/six/1.0/.metadata").status, 404);
}

TEST_P(PypiFormat, TheIndexIsWhatTheClientAsksFor) {
    ASSERT_EQ(upload(wheel_of("six", "1.0", "Requires-Python: >=3.8\n")).status, 200);
    const std::string json = "application/vnd.pypi.simple.v1+json";
    const std::string html = "application/vnd.pypi.simple.v1+html";
    for (const char* path : {"/simple/six/", "/simple/"})
        for (const auto& [accept, type] : std::vector<std::pair<std::string, std::string>>{
                 {"", "text/html; charset=utf-8"},
                 {"*/*", "text/html; charset=utf-8"},
                 {"text/html", "text/html; charset=utf-8"},
                 {json, json},
                 {html, html},
                 {"application/vnd.pypi.simple.latest+json", json},
                 {"application/vnd.pypi.simple.latest+html", html},
                 {json + ", " + html + "; q=0.1, text/html; q=0.01", json},
                 {json + ";q=0.1, text/html", "text/html; charset=utf-8"}}) {
            const Reply reply = fetch(path, accept.empty() ? "" : "Accept: " + accept + "\r\n");
            EXPECT_EQ(reply.header("content-type"), type) << path << accept;
            EXPECT_EQ(fetch(path, "Accept: " + accept + "\r\nIf-None-Match: " + reply.header("etag") + "\r\n")
                          .status,
                      304)
                << path << accept;
        }
    EXPECT_EQ(fetch("/simple/six/", "Accept: application/vnd.pypi.simple.v2+json\r\n").status, 406);
    EXPECT_EQ(fetch("/simple/", "Accept: image/png\r\n").status, 406);
    const std::string page = fetch("/simple/six/").body;
    EXPECT_THAT(page, HasSubstr(R"(<meta name="pypi:repository-version" content="1.4">)"));
    EXPECT_THAT(page, HasSubstr("<a href=\"../../files/six/1.0/six-1.0-py3-none-any.whl#sha256="));
    EXPECT_THAT(page, HasSubstr(" data-requires-python=\"&gt;=3.8\""));
    EXPECT_THAT(page, HasSubstr(" data-core-metadata=\"sha256="));
    EXPECT_THAT(page, HasSubstr(" data-dist-info-metadata=\"sha256="));
    EXPECT_THAT(page, HasSubstr(">six-1.0-py3-none-any.whl</a>"));
    EXPECT_THAT(fetch("/simple/").body, HasSubstr("<a href=\"six/\">six</a>"));
}

TEST_P(PypiFormat, NamesAreOneHoweverTheyAreSpelled) {
    const PythonUpload wheel =
        PythonUpload::of("Friendly.Bard", "1.0.0", "Friendly_Bard-1.0-py3-none-any.whl",
                         test::make_wheel("friendly_bard-1", test::python_metadata("friendly-bard", "1.0")));
    ASSERT_EQ(upload(wheel).status, 200) << upload(wheel).body;
    for (const char* path : {"/simple/Friendly.Bard/", "/simple/Friendly.Bard", "/simple/friendly-bard"}) {
        const Reply moved = fetch(path);
        EXPECT_EQ(moved.status, 301) << path;
        EXPECT_EQ(moved.header("location"), "/pypi/acme/python/simple/friendly-bard/") << path;
    }
    EXPECT_EQ(fetch("/simple").header("location"), "/pypi/acme/python/simple/");
    EXPECT_EQ(list("friendly-bard").at("/files/0/url"),
              "../../files/friendly-bard/1.0/Friendly_Bard-1.0-py3-none-any.whl");
    EXPECT_EQ(fetch("/files/FRIENDLY_BARD/v1.0.0/Friendly_Bard-1.0-py3-none-any.whl").body, wheel.bytes);
    EXPECT_EQ(upload(sdist_of("friendly_bard", "1")).status, 200);
    EXPECT_EQ(list("friendly-bard").at("/versions"), R"(["1.0"])") << "1 and 1.0 are one version";
    EXPECT_EQ(count("packages") + count("versions"), "11");
}

TEST_P(PypiFormat, VersionsOfEveryKindAreFetched) {
    for (const char* version : {"1!2.0", "1.0+local.1", "1.0.post1.dev2"}) {
        const PythonUpload wheel = wheel_of("six", version);
        ASSERT_EQ(upload(wheel).status, 200) << version << upload(wheel).body;
    }
    const Reply index = list("six");
    EXPECT_EQ(index.at("/versions"), R"(["1.0+local.1","1.0.post1.dev2","1!2.0"])");
    for (int i = 0; i < 3; ++i) {
        const std::string url = index.at("/files/" + std::to_string(i) + "/url");
        ASSERT_THAT(url, StartsWith("../../"));
        EXPECT_EQ(test::hex_sha256(fetch(url.substr(5)).body),
                  index.at("/files/" + std::to_string(i) + "/hashes/sha256"))
            << url;
    }
}

TEST_P(PypiFormat, AFileComesOnce) {
    const PythonUpload wheel = wheel_of("six", "1.0");
    ASSERT_EQ(upload(wheel).status, 200);
    EXPECT_EQ(upload(wheel).status, 200) << "the same bytes again are no news";
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'package.publish'"), "1");
    const Reply other = upload(wheel_of("six", "1.0", "Summary: other\n"));
    EXPECT_EQ(other.status, 400);
    EXPECT_THAT(other.body, StartsWith("File already exists"));
    EXPECT_THAT(other.header("content-type"), StartsWith("text/plain"));
    EXPECT_EQ(fetch("/files/six/1.0/six-1.0-py3-none-any.whl").body, wheel.bytes);
    EXPECT_EQ(ask("DELETE " + (mount + std::string("/files/six/1.0/six-1.0-py3-none-any.whl"))).status, 204);
    EXPECT_EQ(list("six").at("/files"), "[]");
    EXPECT_EQ(fetch("/files/six/1.0/six-1.0-py3-none-any.whl").status, 404);
    EXPECT_EQ(fetch("/files/six/1.0/six-1.0-py3-none-any.whl.metadata").status, 404);
    const Reply buried = upload(wheel_of("six", "1.0", "Summary: other\n"));
    EXPECT_EQ(buried.status, 400) << "something else was there";
    EXPECT_EQ(buried.body.find("already exist"), std::string::npos) << "that must not be skipped in silence";
    EXPECT_EQ(upload(wheel).status, 200);
}

TEST_P(PypiFormat, FieldsComeInAnyOrder) {
    PythonUpload wheel = wheel_of("six", "1.0");
    wheel.is_file_first = true;
    EXPECT_EQ(upload(wheel).status, 200);
    PythonUpload large = wheel_of("seven", "1.0", "\n" + std::string(300'000, 'x'));
    large.set("description", std::string(2'000'000, 'y')).set("md5_digest", "").is_file_first = true;
    EXPECT_EQ(upload(large, "").status, 200);
    EXPECT_EQ(list("seven").at("/files/0/size"), std::to_string(large.bytes.size()));
}

// More than is looked into in memory.
TEST_P(PypiFormat, LargeFilesAreLookedIntoAndKept) {
    std::string noise;
    std::uint32_t state = 1;
    while (noise.size() < 3 * limits::spooled_bytes) {
        state = state * 1664525 + 1013904223;
        noise += static_cast<char>(state >> 24);
    }
    const std::string info = "six-1.0.dist-info/";
    const std::string bytes =
        test::make_zip({{.path = "six.bin", .content = noise},
                        {.path = info + "METADATA", .content = test::python_metadata("six", "1.0")},
                        {.path = info + "WHEEL", .content = "Wheel-Version: 1.0\n"}});
    const PythonUpload wheel = PythonUpload::of("six", "1.0", "six-1.0-py3-none-any.whl", bytes);
    ASSERT_GT(bytes.size(), limits::spooled_bytes);
    ASSERT_EQ(upload(wheel).status, 200);
    EXPECT_EQ(upload(wheel).status, 200);
    EXPECT_EQ(fetch("/files/six/1.0/six-1.0-py3-none-any.whl").body, bytes);
    EXPECT_EQ(list("six").at("/files/0/hashes/sha256"), test::hex_sha256(bytes));
}

TEST_P(PypiFormat, YankedVersionsStayForWhoNamesThem) {
    ASSERT_EQ(upload(wheel_of("six", "1.0")).status, 200);
    ASSERT_EQ(upload(wheel_of("six", "1.1")).status, 200);
    EXPECT_EQ(list("six").at("/files/1/yanked"), "false");
    const std::string version = "/api/v1/tenants/acme/repositories/python/packages/six/versions/1.1";
    ASSERT_EQ(ask("POST " + version + "/yank", R"({"reason":"<broken>"})").status, 200);
    EXPECT_EQ(list("six").at("/files/1/yanked"), "<broken>");
    EXPECT_EQ(list("six").at("/files/0/yanked"), "false");
    EXPECT_THAT(fetch("/simple/six/").body, HasSubstr("data-yanked=\"&lt;broken&gt;\""));
    EXPECT_EQ(fetch("/pypi/six/json").at("/info/version"), "1.0");
    EXPECT_EQ(fetch("/pypi/six/1.1/json").at("/info/yanked_reason"), "<broken>");
    EXPECT_EQ(fetch("/files/six/1.1/six-1.1-py3-none-any.whl").status, 200);
    ASSERT_EQ(ask("POST " + version + "/unyank").status, 200);
    EXPECT_EQ(list("six").at("/files/1/yanked"), "false");
}

TEST_P(PypiFormat, TheJsonApiTellsOfProjectsAndVersions) {
    ASSERT_EQ(upload(wheel_of("six", "1.0",
                              "Summary: Six\nClassifier: A\nClassifier: B\nProject-URL: Docs, "
                              "https://six.example\nRequires-Dist: seven\n\n# Six\n"))
                  .status,
              200);
    ASSERT_EQ(upload(wheel_of("six", "2.0a1")).status, 200);
    const Reply project = fetch("/pypi/SIX/json");
    EXPECT_EQ(project.at("/info/version"), "1.0") << "a prerelease is nobody's newest";
    EXPECT_EQ(project.at("/info/summary"), "Six");
    EXPECT_EQ(project.at("/info/classifiers"), R"(["A","B"])");
    EXPECT_EQ(project.at("/info/project_urls/Docs"), "https://six.example");
    EXPECT_EQ(project.at("/info/requires_dist"), R"(["seven"])");
    EXPECT_EQ(project.at("/info/description"), "# Six\n");
    EXPECT_EQ(project.at("/info/package_url"), "http://registry.example/pypi/acme/python/simple/six/");
    EXPECT_EQ(project.at("/urls/0/url"),
              "http://registry.example/pypi/acme/python/files/six/1.0/six-1.0-py3-none-any.whl");
    EXPECT_EQ(project.at("/urls/0/packagetype"), "bdist_wheel");
    EXPECT_EQ(project.at("/urls/0/digests/blake2b_256").size(), 64U);
    EXPECT_EQ(project.at("/releases/2.0a1/0/filename"), "six-2.0a1-py3-none-any.whl");
    const Reply version = fetch("/pypi/six/2.0.a.1/json");
    EXPECT_EQ(version.at("/info/version"), "2.0a1");
    EXPECT_EQ(version.at("/urls/0/filename"), "six-2.0a1-py3-none-any.whl");
    EXPECT_EQ(fetch("/pypi/six/3.0/json").status, 404);
    EXPECT_EQ(fetch("/pypi/seven/json").status, 404);
}

TEST_P(PypiFormat, AttestationsAreServedAsProvenance) {
    PythonUpload wheel = wheel_of("six", "1.0");
    const auto attest = [&](const std::string& name) {
        const std::string statement =
            R"({"_type":"https://in-toto.io/Statement/v1","predicateType":"https://predicate.example/v1","subject":[{"name":")" +
            name + R"(","digest":{"sha256":")" + test::hex_sha256(wheel.bytes) + R"("}}]})";
        std::string base64 = render_base64url(statement);
        std::ranges::replace(base64, '-', '+');
        std::ranges::replace(base64, '_', '/');
        base64.resize((base64.size() + 3) / 4 * 4, '=');
        return R"([{"version":1,"verification_material":{"certificate":"AAAA","transparency_entries":[{}]},"envelope":{"signature":"AAAA","statement":")" +
               base64 + R"("}}])";
    };
    EXPECT_EQ(upload(wheel.set("attestations", attest("seven-1.0-py3-none-any.whl"))).status, 400);
    ASSERT_EQ(upload(wheel.set("attestations", attest(wheel.file_name))).status, 200);
    const std::string path = "/integrity/six/1.0/six-1.0-py3-none-any.whl/provenance";
    EXPECT_EQ(list("six").at("/files/0/provenance"), "http://registry.example/pypi/acme/python" + path);
    EXPECT_THAT(fetch("/simple/six/").body,
                HasSubstr(" data-provenance=\"http://registry.example/pypi/acme/python" + path + '"'));
    const Reply served = fetch(path);
    EXPECT_EQ(served.header("content-type"), "application/vnd.pypi.integrity.v1+json");
    EXPECT_EQ(served.at("/version"), "1");
    EXPECT_EQ(served.at("/attestation_bundles/0/attestations/0/version"), "1");
    EXPECT_EQ(fetch(path, "Accept: text/html\r\n").status, 406);
    EXPECT_EQ(fetch("/integrity/six/1.0/other.whl/provenance").status, 404);
    PythonUpload later = wheel_of("six", "1.1");
    wheel = later;  // whose bytes attest() speaks of
    ASSERT_EQ(upload(later).status, 200);
    const std::string before = list("six").at("/files/1/upload-time");
    ASSERT_EQ(upload(later.set("attestations", attest(later.file_name))).status, 200);
    EXPECT_EQ(fetch("/integrity/six/1.1/six-1.1-py3-none-any.whl/provenance").status, 200);
    EXPECT_THAT(list("six").at("/files/1/provenance"), HasSubstr("/integrity/six/1.1/"));
    EXPECT_EQ(list("six").at("/files/1/upload-time"), before);
}

TEST_P(PypiFormat, WhatAPolicyHidesIsNotListed) {
    ASSERT_EQ(upload(wheel_of("Open_One", "1.0")).status, 200);
    ASSERT_EQ(upload(wheel_of("Hidden_One", "1.0")).status, 200);
    const std::string json = "Accept: application/vnd.pypi.simple.v1+json\r\n";
    EXPECT_EQ(fetch("/simple/", json).at("/projects/1/name"), "Open_One");
    ASSERT_EQ(ask("POST /api/v1/tenants/acme/policies",
                  R"({"name":"hide","effect":"deny","subjects":["*"],"actions":["package:list"],)"
                  R"("resources":["package:python/hidden-one"]})")
                  .status,
              201);
    EXPECT_EQ(fetch("/simple/", json).at("/projects"), R"([{"name":"Open_One"}])");
    EXPECT_EQ(fetch("/simple/").body.find("hidden"), std::string::npos);
    EXPECT_THAT(fetch("/simple/").body, HasSubstr("open-one/"));
}

TEST_P(PypiFormat, TheStatusOfAProjectIsTold) {
    ASSERT_EQ(upload(wheel_of("six", "1.0")).status, 200);
    const auto set = [&](const std::string& status) {
        EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/python/packages/six",
                      R"({"metadata":{"project_status":{"status":")" + status + R"(","reason":"why"}}})",
                      if_match("*"))
                      .status,
                  200);
    };
    set("archived");
    EXPECT_EQ(list("six").at("/project-status/status"), "archived");
    EXPECT_EQ(list("six").at("/project-status/reason"), "why");
    EXPECT_THAT(fetch("/simple/six/").body,
                HasSubstr(R"(<meta name="pypi:project-status" content="archived">)"));
    EXPECT_NE(list("six").at("/files/0/filename"), "");
    EXPECT_EQ(upload(wheel_of("six", "1.1")).status, 403);
    set("quarantined");
    EXPECT_EQ(list("six").at("/files"), "[]");
    EXPECT_EQ(fetch("/simple/six/").body.find("<a "), std::string::npos);
    set("active");
    EXPECT_EQ(upload(wheel_of("six", "1.1")).status, 200);
}

}  // namespace
}  // namespace lodestone::formats::pypi
