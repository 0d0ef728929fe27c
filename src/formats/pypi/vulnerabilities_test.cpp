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
