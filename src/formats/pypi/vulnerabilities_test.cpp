// Vulnerabilities in the JSON API, on both engines.
#include <gmock/gmock.h>

#include "base/package_limits.hpp"
#include "support/python_uploads.hpp"
#include "support/shop_test.hpp"

namespace lodestone::formats::pypi {
namespace {

using test::Reply;

class PypiVulnerabilities : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        make_repository("pypi", "python");
        for (const char* version : {"1.0", "2.0"})
            ASSERT_EQ(ask("POST /pypi/acme/python/legacy/", test::sdist_of("six", version, "").body(),
                          test::PythonUpload::content_type)
                          .status,
                      200);
    }
    Reply fetch(const std::string& path) { return ask("GET /pypi/acme/python/pypi/" + path); }
    void import(const std::string& fixed, const std::string& day) {
        act_as(operator_token());
        const Reply made = ask(
            "POST /api/v1/advisories/imports",
            R"({"id":"PYSEC-1","modified":"2026-01-)" + day +
                R"(T00:00:00Z","aliases":["CVE-2026-1"],"summary":"Bad","details":"Very bad.",)"
                R"("affected":[{"package":{"ecosystem":"PyPI","name":"Six"},"ranges":[{"type":"ECOSYSTEM",)"
                R"("events":[{"introduced":"0"},{"fixed":")" +
                fixed +
                R"("}]}],"versions":["1.0.0"]}],"references":[{"type":"ADVISORY","url":"https://upstream.example/1"}]})");
        ASSERT_EQ(made.status, 200) << made.body;
        act_as(owner_);
    }
};
INSTANTIATE_ON_EVERY_DATABASE(PypiVulnerabilities);

TEST_P(PypiVulnerabilities, AreThoseOfTheVersion) {
    EXPECT_EQ(fetch("six/1.0/json").at("/vulnerabilities"), "[]");
    import("1.5", "02");
    const Reply old = fetch("six/1.0/json");
    EXPECT_EQ(old.at("/vulnerabilities/0/id"), "PYSEC-1");
    EXPECT_EQ(old.at("/vulnerabilities/0/aliases"), R"(["CVE-2026-1"])");
    EXPECT_EQ(old.at("/vulnerabilities/0/details"), "Very bad.");
    EXPECT_EQ(old.at("/vulnerabilities/0/summary"), "Bad");
    EXPECT_EQ(old.at("/vulnerabilities/0/fixed_in"), R"(["1.5"])");
    EXPECT_EQ(old.at("/vulnerabilities/0/link"), "https://upstream.example/1");
    EXPECT_EQ(old.at("/vulnerabilities/0/source"), "osv");
    EXPECT_EQ(old.at("/vulnerabilities/0/withdrawn"), "null");
    EXPECT_EQ(fetch("six/2.0/json").at("/vulnerabilities"), "[]");
}

// Of a version that was built once more, those of the version itself too.
TEST_P(PypiVulnerabilities, OfALocalVersionAreThoseOfThePublicOne) {
    ASSERT_EQ(ask("POST /pypi/acme/python/legacy/", test::sdist_of("six", "2.0+cu118", "").body(),
                  test::PythonUpload::content_type)
                  .status,
              200);
    const auto record = [](const std::string& id, const std::string& affected) {
        return R"({"id":")" + id +
               R"(","modified":"2026-01-02T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"six"},)" +
               affected + "}]}\n";
    };
    const auto range = [](const std::string& last) {
        return R"("ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1.5"},)" + last + "]}]";
    };
    act_as(operator_token());
    const Reply made =
        ask("POST /api/v1/advisories/imports", record("A-1", range(R"({"last_affected":"2.0.0"})")) +
                                                   record("A-2", R"("versions":["2.0.0"])") +
                                                   record("A-3", range(R"({"fixed":"2.0.0"})")) +
                                                   record("A-4", range(R"({"last_affected":"1.9"})")) +
                                                   record("A-5", R"("versions":["2.0.0+cpu"])"));
    ASSERT_EQ(made.at("/added"), "5") << made.body;
    act_as(owner_);
    for (const char* version : {"2.0", "2.0+cu118"}) {
        const Reply found = fetch("six/" + std::string(version) + "/json");
        ASSERT_EQ(found.status, 200) << found.body;
        EXPECT_EQ(found.json.at("vulnerabilities").as_array().size(), 2) << version;
        EXPECT_EQ(found.at("/vulnerabilities/0/id"), "A-1") << version;
        EXPECT_EQ(found.at("/vulnerabilities/1/id"), "A-2") << version;
    }
}

TEST_P(PypiVulnerabilities, OfAProjectAreTheNewestVersionsAfterAMoment) {
    EXPECT_EQ(fetch("six/json").at("/vulnerabilities"), "[]");
    import("3.0", "02");
    EXPECT_EQ(fetch("six/json").at("/vulnerabilities"), "[]")
        << "what is kept is not rendered again for that";
    clock().advance(limits::index_lifetime);
    EXPECT_EQ(fetch("six/json").at("/vulnerabilities/0/id"), "PYSEC-1");
    EXPECT_EQ(fetch("six/2.0/json").at("/vulnerabilities/0/id"), "PYSEC-1");
}

}  // namespace
}  // namespace lodestone::formats::pypi
