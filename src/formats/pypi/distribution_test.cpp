// Names of projects and of files.
#include "formats/pypi/distribution.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "formats/pypi/names.hpp"

namespace lodestone::formats::pypi {
namespace {

using Kind = Distribution::Kind;

std::string refusal(const std::string& file_name) {
    return find_problem([&] { parse_distribution(file_name); }).value_or("taken");
}

TEST(PythonNames, AreOneInAllSpellings) {
    for (const char* name :
         {"Friendly-Bard", "FRIENDLY.BARD", "friendly_bard", "friendly--bard", "FrIeNdLy-._.-bArD"})
        EXPECT_EQ(fold_project_name(name), "friendly-bard");
    EXPECT_EQ(fold_project_name(""), "");
    for (const char* name : {"a", "A", "0", "a.b", "a_b-c", "Django"})
        EXPECT_TRUE(is_project_name(name)) << name;
    for (const char* name : {"", "-a", "a-", ".", "a b", "a/b", "\xc3\xa4", "a\n"})
        EXPECT_FALSE(is_project_name(name)) << name;
    EXPECT_FALSE(is_project_name(std::string(201, 'a')));
}

TEST(PythonFileNames, OfWheelsSayForWhatTheyAre) {
    const Distribution wheel =
        parse_distribution("Friendly_Bard-1.0+local.1-2b-cp312.cp313-abi3-manylinux_2_17_x86_64.whl");
    EXPECT_EQ(wheel.kind, Kind::wheel);
    EXPECT_EQ(wheel.project, "Friendly_Bard");
    EXPECT_EQ(render_version(wheel.version), "1.0+local.1");
    EXPECT_EQ(wheel.python_tag, "cp312.cp313");
    EXPECT_EQ(render_version(parse_distribution("six-1!2.0.post1-py2.py3-none-any.whl").version),
              "1!2.0.post1");
    EXPECT_EQ(render_version(parse_distribution("six-1.0+cu_118-py3-none-any.whl").version), "1.0+cu.118");
}

TEST(PythonFileNames, OfSdistsSayWhatTheyAre) {
    const Distribution sdist = parse_distribution("friendly_bard-1.0rc1.tar.gz");
    EXPECT_EQ(sdist.kind, Kind::tar_gz);
    EXPECT_EQ(sdist.project, "friendly_bard");
    EXPECT_EQ(render_version(sdist.version), "1.0rc1");
    EXPECT_EQ(sdist.python_tag, "source");
    EXPECT_EQ(parse_distribution("friendly-bard-1.0.zip").project, "friendly-bard");
    EXPECT_EQ(parse_distribution("friendly-bard-1.0.zip").kind, Kind::zip);
}

TEST(PythonFileNames, AreOneInAllSpellings) {
    const std::string wheel = fold_file_name("hot-5.0-py2.py3-none-any.whl");
    for (const char* name : {"Hot-5.0-py2.py3-none-any.whl", "hot-5.0.0-py3.py2-none-any.whl",
                             "h.o.t-5-PY3.py2.py3-None-any.whl", "hot-5.0-py2.py3.-none-any.whl"})
        EXPECT_EQ(fold_file_name(name), wheel) << name;
    for (const char* name : {"hot-5.0-py3-none-any.whl", "hot-5.0-1-py2.py3-none-any.whl",
                             "hot-5.0-py2.py3-none-win32.whl", "hot-5.0.tar.gz", "hot"})
        EXPECT_NE(fold_file_name(name), wheel) << name;
    EXPECT_EQ(fold_file_name("hot-5.0-01b-py3-none-any.whl"), fold_file_name("hot-5.0-1b-py3-none-any.whl"));
    EXPECT_NE(fold_file_name("hot-5.0-1b-py3-none-any.whl"), fold_file_name("hot-5.0-1c-py3-none-any.whl"));
    EXPECT_EQ(fold_file_name("hot-5.0.tar.gz"), fold_file_name("Hot-5.0.0.zip"));
}

TEST(PythonFileNames, ThatAreNoneAreRefused) {
    for (const char* name : {"",
                             "six",
                             "six.whl",
                             "six-1.0.whl",
                             "six-1.0-py3-none.whl",
                             "six-1.0-a-py3-none-any.whl",
                             "six-1.0-1-2-py3-none-any.whl",
                             "six-x-py3-none-any.whl",
                             "-1.0-py3-none-any.whl",
                             "six-1.0-py3--any.whl",
                             "six-1.0-py!3-none-any.whl",
                             "six.tar.gz",
                             "six-x.tar.gz",
                             "-1.0.tar.gz",
                             "six-1.0.tar.bz2",
                             "six-1.0.egg",
                             "six-1.0.exe",
                             "../six-1.0.tar.gz",
                             "a/six-1.0.tar.gz",
                             "six 1.0.tar.gz",
                             "six-1.0.tar.gz\n",
                             "six-1.0.TAR.GZ"})
        EXPECT_NE(refusal(name), "taken") << name;
    EXPECT_NE(refusal(std::string(250, 'a') + "-1.0.tar.gz"), "taken");
    EXPECT_EQ(
        refusal("six-1.0.egg"),
        "The file name six-1.0.egg ends neither in .whl nor in .tar.gz or .zip: build a wheel or an sdist.");
}

}  // namespace
}  // namespace lodestone::formats::pypi
