// Uploads that are refused, and who may do what.
#include <gmock/gmock.h>

#include "support/python_uploads.hpp"
#include "support/shop_test.hpp"

namespace lodestone::formats::pypi {
namespace {

using test::python_metadata;
using test::PythonUpload;
using test::Reply;
using test::wheel_of;
using ::testing::HasSubstr;

class PypiRefusals : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (!IsSkipped() && !HasFatalFailure()) make_repository("pypi", "python");
    }
    Reply send(const std::string& body, const std::string& headers = PythonUpload::content_type) {
        return ask("POST /pypi/acme/python/legacy/", body, headers);
    }
    Reply upload(const PythonUpload& what) { return send(what.body()); }
    Reply fetch(const std::string& path, const std::string& headers = {}) {
        return ask("GET /pypi/acme/python" + path, {}, headers);
    }
};
INSTANTIATE_ON_EVERY_DATABASE(PypiRefusals);

PythonUpload wheel_with(const std::string& folder, const std::string& metadata) {
    return PythonUpload::of("six", "1.0", "six-1.0-py3-none-any.whl", test::make_wheel(folder, metadata));
}
PythonUpload file_of(const std::string& file_name, const std::string& bytes) {
    return PythonUpload::of("six", "1.0", file_name, bytes);
}

struct Refused {
    PythonUpload upload;
    std::string sentence;
};

std::vector<Refused> list_refused() {
    const std::string good = python_metadata("six", "1.0");
    const std::string whole = wheel_of("six", "1.0").bytes;
    const auto wheel = [](const std::vector<test::MadeEntry>& entries) {
        return file_of("six-1.0-py3-none-any.whl", test::make_zip(entries));
    };
    const auto sdist = [](const std::vector<test::MadeEntry>& entries) {
        return file_of("six-1.0.tar.gz", test::make_tar_gz(entries));
    };
    return {
        {wheel_of("six", "1.0").set("sha256_digest", std::string(64, '0')), "its SHA-256 is another one"},
        {wheel_of("six", "1.0").set("md5_digest", std::string(32, '0')), "its MD5 is another one"},
        {wheel_of("six", "1.0").set("blake2_256_digest", std::string(64, '0')), "its BLAKE2b is another one"},
        {wheel_of("six", "1.0").set(":action", "submit"), "file_upload"},
        {wheel_of("six", "1.0").set("name", "seven"), "is called six-1.0-py3-none-any.whl"},
        {wheel_of("six", "1.0").set("attestations", "{}"), "The attestations are no JSON list"},
        {file_of("six-1.0-py3-none-any.whl", "no zip"), ""},
        {file_of("six-1.0-py3-none-any.whl", whole.substr(0, whole.size() / 2)), ""},
        {file_of("six-1.0-py3-none-any.whl", ""), ""},
        {file_of("six-1.0.tar.gz", whole), ""},
        {file_of("six-1.0.exe", whole), ""},
        {file_of("../six-1.0.tar.gz", whole), ""},
        {wheel_with("six-1.0", python_metadata("seven", "1.0")), "is of the project seven"},
        {wheel_with("six-1.0", python_metadata("six", "1.1")), "is of version 1.1"},
        {wheel_with("six-1.0", "nothing"), "The metadata has a line that is no field"},
        {wheel_with("six-1.0", python_metadata("six", "1.0", "Author: \xff\n")), "is not UTF-8"},
        {wheel_with("seven-1.0", good), "which is not what its file name says"},
        {wheel_with("sub/six-1.0", good), "has no METADATA"},
        {wheel({{.path = "six.py", .content = ""}}), "has no METADATA"},
        {wheel({{.path = "six-1.0.dist-info/METADATA", .content = good}}), "has no file WHEEL"},
        {wheel({{.path = "six-1.0.dist-info/METADATA", .content = good},
                {.path = "six-1.dist-info/METADATA", .content = good}}),
         "two folders that end in .dist-info: six-1.0.dist-info and six-1.dist-info"},
        {wheel({{.path = "six-1.0.dist-info/METADATA", .content = good},
                {.path = "other.dist-info/WHEEL", .content = ""}}),
         "two folders that end in .dist-info"},
        {wheel({{.path = "../six-1.0.dist-info/METADATA", .content = good}}), ""},
        {sdist({{.path = "six-1.0/six.py", .content = ""}}), "has no PKG-INFO"},
        {sdist({{.path = "six-1.0/PKG-INFO", .content = "", .type = AE_IFLNK, .target = "/etc/passwd"}}),
         "has a link that leads out of its archive"},
        {sdist({{.path = "six-1.0/PKG-INFO", .content = "", .type = AE_IFLNK, .target = "real"}}),
         "no plain file"},
        {sdist(
             {{.path = "six-1.0/PKG-INFO", .content = good}, {.path = "six-1.0/PKG-INFO", .content = good}}),
         "twice"},
    };
}

TEST_P(PypiRefusals, BadUploadsLeaveNothingBehind) {
    for (const auto& [what, sentence] : list_refused()) {
        const Reply reply = upload(what);
        EXPECT_EQ(reply.status, 400) << sentence << reply.body;
        EXPECT_THAT(reply.body, HasSubstr(sentence));
        EXPECT_THAT(reply.header("content-type"), HasSubstr("text/plain"));
    }
    EXPECT_EQ(fetch("/simple/six/").status, 404);
    for (const char* table : {"packages", "versions", "files", "fragments", "blobs"})
        EXPECT_EQ(run_sql("SELECT count(*) FROM " + std::string(table)), "0") << table;
}

// Some uploaders show the reason phrase and nothing else.
TEST_P(PypiRefusals, AreTheReasonPhraseToo) {
    const Reply refused = upload(wheel_of("six", "1.0").set("name", "S\xc3\xa4x"));
    EXPECT_THAT(refused.head,
                ::testing::StartsWith("HTTP/1.1 400 The name of a project is 1 to 200 letters"));
    const Reply odd = upload(wheel_of("six", "1.0").set("version", "\xc3\xa4\r\nX-Other: 1"));
    EXPECT_THAT(odd.head, ::testing::StartsWith("HTTP/1.1 400 The version ??"));
    EXPECT_EQ(odd.header("x-other"), "");
}

TEST_P(PypiRefusals, BodiesThatAreNoFormsAreRefused) {
    EXPECT_EQ(send("x", "Content-Type: text/plain\r\n").status, 400);
    EXPECT_EQ(send("{}").status, 400);
    EXPECT_EQ(send("{}", "").status, 400);
    const std::string whole = wheel_of("six", "1.0").body();
    EXPECT_EQ(send(whole.substr(0, whole.size() - 20)).status, 400) << "it is cut off";
    EXPECT_EQ(send(whole + whole).status, 400);
    std::string two = whole;
    two.replace(two.size() - 2, 2, "");
    EXPECT_LT(send(two).status, 500);
}

TEST_P(PypiRefusals, WhoHasNoNameIsAskedForOne) {
    act_as("");
    for (const char* path : {"/simple/", "/simple/six/", "/files/six/1.0/six-1.0.tar.gz"}) {
        const Reply refused = fetch(path);
        EXPECT_EQ(refused.status, 401) << path;
        EXPECT_EQ(refused.header("www-authenticate"), "Basic realm=\"lodestone\"") << path;
    }
    EXPECT_EQ(upload(wheel_of("six", "1.0")).status, 401);
}

TEST_P(PypiRefusals, KeysForOneProjectUploadThatOne) {
    act_as(make_key(
        "acme", "owner",
        identity::Scopes(
            {{.actions = {"package:publish"}, .resources = {"package:python/friendly-bard"}, .tags = {}}})));
    EXPECT_EQ(upload(wheel_of("Friendly_Bard", "1.0")).status, 200);
    EXPECT_EQ(upload(wheel_of("six", "1.0")).status, 403);
    act_as(make_key("acme", "owner",
                    identity::Scopes({{.actions = {"package:download"}, .resources = {}, .tags = {}}})));
    EXPECT_EQ(upload(wheel_of("Friendly_Bard", "1.1")).status, 403);
    act_as(make_tenant("other"));
    EXPECT_EQ(upload(wheel_of("six", "1.0")).status, 404);
    EXPECT_EQ(run_sql("SELECT count(*) FROM versions"), "1");
}

TEST_P(PypiRefusals, AnotherSpellingIsNoOtherFile) {
    const auto as = [](const PythonUpload& what, const std::string& name) {
        PythonUpload other = what;
        other.file_name = name;
        return other;
    };
    const PythonUpload wheel = wheel_of("hot", "5.0"), other = wheel_of("hot", "5.0", "Summary: other\n");
    const PythonUpload sdist = test::sdist_of("hot", "5.0");
    ASSERT_EQ(upload(wheel).status, 200);
    ASSERT_EQ(upload(sdist).status, 200);
    for (const char* name : {"hot-5.0.0-py3-none-any.whl", "Hot-5.0-py3-none-any.whl",
                             "hot-5.0-PY3-none-any.whl", "hot-5.0-py3.py3-none-any.whl"}) {
        const Reply refused = upload(as(other, name));
        EXPECT_EQ(refused.status, 400) << name;
        EXPECT_THAT(refused.body, HasSubstr("File already exists: hot-5.0-py3-none-any.whl")) << name;
    }
    const PythonUpload more = test::sdist_of("hot", "5.0", "Summary: other\n");
    EXPECT_THAT(upload(as(more, "Hot-5.0.tar.gz")).body, HasSubstr("File already exists: hot-5.0.tar.gz"));
    EXPECT_THAT(upload(as(other, "hot-5.0.zip")).status, 400);
    EXPECT_EQ(upload(as(other, "hot-5.0-1-py3-none-any.whl")).status, 200) << "another build is another file";
    ASSERT_EQ(ask("DELETE /pypi/acme/python/files/hot/5.0/hot-5.0-py3-none-any.whl").status, 204);
    EXPECT_EQ(upload(as(other, "hot-5.0.0-py3-none-any.whl")).status, 400);
    EXPECT_EQ(upload(as(wheel, "hot-5.0.0-py3-none-any.whl")).status, 200) << "it is what was removed";
}

// What takes long is done for whoever may publish, and for nobody else.
TEST_P(PypiRefusals, NothingIsLookedIntoForWhoMayNotPublishIt) {
    act_as(
        make_key("acme", "owner",
                 identity::Scopes(
                     {{.actions = {"package:publish"}, .resources = {"package:python/seven"}, .tags = {}}})));
    EXPECT_EQ(upload(file_of("six-1.0-py3-none-any.whl", "no zip")).status, 403);
}

TEST_P(PypiRefusals, AFullRepositoryLooksLikeNoDuplicate) {
    ASSERT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/python",
                  R"({"settings":{"quota":{"max_bytes":100}}})", if_match("*"))
                  .status,
              200);
    const Reply refused = upload(wheel_of("six", "1.0"));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.body.find("already"), std::string::npos) << refused.body;
}

TEST_P(PypiRefusals, OverwritingTakesTheRightToUpdate) {
    make_repository("pypi", "nightly", R"(,"settings":{"overwrite":"allowed"})");
    const auto send_to_nightly = [&](const PythonUpload& what) {
        return ask("POST /pypi/acme/nightly/legacy/", what.body(), PythonUpload::content_type).status;
    };
    EXPECT_EQ(send_to_nightly(wheel_of("six", "1.0")), 200);
    EXPECT_EQ(send_to_nightly(wheel_of("six", "1.0", "Summary: other\n")), 200);
    const Reply metadata = ask("GET /pypi/acme/nightly/files/six/1.0/six-1.0-py3-none-any.whl.metadata");
    EXPECT_EQ(metadata.header("cache-control"), "private, no-cache");
    EXPECT_THAT(metadata.body, HasSubstr("Summary: other"));
    act_as(make_key("acme", "owner",
                    identity::Scopes({{.actions = {"package:publish"}, .resources = {}, .tags = {}}})));
    EXPECT_EQ(send_to_nightly(wheel_of("six", "1.1")), 200);
    EXPECT_EQ(send_to_nightly(wheel_of("six", "1.1", "Summary: other\n")), 403);
    PythonUpload spelled = wheel_of("six", "1.1", "Summary: other\n");
    spelled.file_name = "six-1.1.0-py3-none-any.whl";
    EXPECT_EQ(send_to_nightly(spelled), 403) << "it stands in for the one that is there";
}

}  // namespace
}  // namespace lodestone::formats::pypi
