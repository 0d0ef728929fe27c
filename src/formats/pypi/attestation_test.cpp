// Attestations that are about the file, and those that are not.
#include "formats/pypi/attestation.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/digest.hpp"
#include "base/problem.hpp"
#include "support/python_corpus.hpp"

namespace lodestone::formats::pypi {
namespace {

constexpr const char* file_name = "six-1.0-py3-none-any.whl";

Sha256 sha256_of_hello() {
    Sha256Digest digest;
    digest.add("hello");
    return digest.finish();
}

TEST(PythonAttestations, TakesAllThatIsToBeTaken) {
    EXPECT_GE(test::walk_corpus("accept", ".attestations",
                                [](const std::string& name, const std::string& text) {
                                    EXPECT_NO_THROW(parse_attestations(text, file_name, sha256_of_hello()))
                                        << name;
                                }),
              3);
}

TEST(PythonAttestations, RefusesAllThatIsToBeRefused) {
    EXPECT_GE(test::walk_corpus("reject", ".attestations",
                                [](const std::string& name, const std::string& text) {
                                    const auto sentence = find_problem(
                                        [&] { parse_attestations(text, file_name, sha256_of_hello()); });
                                    EXPECT_TRUE(sentence && sentence->starts_with("The attestations "))
                                        << name;
                                }),
              24);
}

TEST(PythonAttestations, AreServedAsTheyCame) {
    const auto attestations = parse_attestations(
        test::read_file(test::source_path("src/formats/pypi/testdata/accept/two.attestations")), file_name,
        sha256_of_hello());
    ASSERT_EQ(attestations.size(), 2U);
    EXPECT_EQ(attestations[1].predicate_type, "https://slsa.dev/provenance/v1");
    const auto served = boost::json::parse(render_provenance(attestations, R"({"kind":"x"})"));
    EXPECT_EQ(served.at_pointer("/version"), 1);
    EXPECT_EQ(served.at_pointer("/attestation_bundles/0/publisher/kind"), "x");
    EXPECT_EQ(served.at_pointer("/attestation_bundles/0/attestations/1/version"), 1);
    EXPECT_EQ(served.at_pointer("/attestation_bundles/0/attestations/0"),
              boost::json::parse(attestations[0].text));
}

}  // namespace
}  // namespace lodestone::formats::pypi
