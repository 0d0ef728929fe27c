// Forms: what is read and refused, however the bytes are cut. A bug report about a form becomes a file in
// testdata/form, whose boundary is "b".
#include "http/message/form_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "support/files.hpp"

namespace lodestone::http {
namespace {

using ::testing::HasSubstr;
using namespace std::literals;

const char* const corpus = "src/http/message/testdata/form";

// Each part as [name file type|content].
class Listed final : public FormReader::Listener {
  public:
    void begin_part(const FormPart& part) override {
        text += "[" + part.name;
        if (part.file_name) text += " file=" + *part.file_name;
        if (!part.content_type.empty()) text += " type=" + part.content_type;
        text += "|";
    }
    void take_bytes(std::string_view bytes) override {
        EXPECT_FALSE(bytes.empty());
        text += bytes;
    }
    void end_part() override { text += "]"; }
    std::string text;
};

// Or the sentence that refuses it. Cut at these places.
std::string outcome_of(std::string_view form, const std::vector<std::size_t>& cuts) {
    Listed listed;
    FormReader reader("b", listed);
    try {
        std::size_t at = 0;
        for (const std::size_t cut : cuts) {
            reader.feed(form.substr(at, cut - at));
            at = cut;
        }
        reader.feed(form.substr(at));
        reader.finish();
    } catch (const Problem& problem) {
        EXPECT_EQ(problem.kind().code, "malformed-request");
        return "refused: " + problem.detail();
    }
    return listed.text;
}

// The same for all ways of cutting it in three, and byte by byte.
std::string outcome_of(std::string_view form) {
    const std::string whole = outcome_of(form, {});
    std::vector<std::size_t> each;
    for (std::size_t i = 1; i < form.size(); ++i) each.push_back(i);
    EXPECT_EQ(outcome_of(form, each), whole);
    if (form.size() > 1000) return whole;
    for (std::size_t first = 0; first <= form.size(); ++first)
        for (std::size_t second = first; second <= form.size(); second += form.size() > 200 ? 7 : 1)
            EXPECT_EQ(outcome_of(form, {first, second}), whole) << first << " " << second;
    return whole;
}

TEST(FormReader, ReadsTheAcceptCorpus) {
    int count = 0;
    for (const auto& file : test::list_files(test::source_path(std::string(corpus) + "/accept"))) {
        EXPECT_THAT(outcome_of(test::read_file(file)), ::testing::Not(HasSubstr("refused"))) << file;
        ++count;
    }
    EXPECT_GE(count, 11);
}

TEST(FormReader, RefusesTheRejectCorpus) {
    int count = 0;
    for (const auto& file : test::list_files(test::source_path(std::string(corpus) + "/reject"))) {
        EXPECT_THAT(outcome_of(test::read_file(file)), HasSubstr("refused: The form ")) << file;
        ++count;
    }
    EXPECT_GE(count, 33);
}

TEST(FormReader, TellsWhatStandsThere) {
    const auto read = [](const char* name) {
        return outcome_of(
            test::read_file(test::source_path(std::string(corpus) + "/accept/" + name + ".form")));
    };
    EXPECT_EQ(read("empty"), "");
    EXPECT_EQ(read("one-field"), "[a|text]");
    EXPECT_EQ(read("empty-content"), "[a|]");
    EXPECT_EQ(
        read("several"),
        "[:action|file_upload][classifiers|A][classifiers|B][content file=a-1.whl type=application/zip|PK]");
    EXPECT_EQ(read("unquoted-and-other-case"), "[a|x]");
    EXPECT_EQ(read("quoted-quote"), "[a file=a\"b.txt|x]");
    EXPECT_EQ(read("utf8-file-name"), "[a file=\xc3\xa9.txt|x]");
    EXPECT_EQ(read("almost-delimiters"), "[a|\r\r\n-\r\n--\r\n-b\r\r\n--c]");
    EXPECT_EQ(read("file"), "[content file=a.whl type=application/octet-stream|\0\1\r\n--\r\n--c\r\n\xff]"sv);
}

TEST(FormReader, TakesSoManyPartsAndNoMore) {
    std::string form;
    for (std::size_t i = 0; i < limits::form_parts; ++i)
        form += "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n";
    EXPECT_THAT(outcome_of(form + "--b--", {}), ::testing::Not(HasSubstr("refused")));
    form += "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--b--";
    EXPECT_THAT(outcome_of(form, {}), HasSubstr("more parts than are taken"));
}

TEST(FormBoundary, IsFoundWhereItIsOne) {
    const std::string longest(limits::form_boundary_bytes, 'x');
    const auto parse = [](const std::string& type) { return parse_form_boundary(type).value_or("-"); };
    EXPECT_EQ(parse("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(parse("Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\""), "a b:c");
    EXPECT_EQ(parse("multipart/form-data; boundary=" + longest), longest);
    for (const std::string& type :
         {std::string(), std::string("multipart/form-data"), std::string("multipart/mixed; boundary=abc"),
          std::string("multipart/form-data; boundary="), std::string("multipart/form-data; boundary=\"a \""),
          std::string("multipart/form-data; boundary=\"a\xc3\xa9\""),
          std::string("multipart/form-data; boundary=a;"),
          std::string("multipart/form-data; boundary=a; boundary=b"),
          "multipart/form-data; boundary=x" + longest})
        EXPECT_EQ(parse(type), "-") << type;
}

}  // namespace
}  // namespace lodestone::http
