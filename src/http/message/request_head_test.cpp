// The head parser against its corpus: what must be understood, and what must be refused with which status. A
// bug report about a request becomes a file in testdata/request_head.
#include "http/message/request_head.hpp"

#include <gtest/gtest.h>

#include "support/files.hpp"

namespace lodestone::http {
namespace {

const char* const corpus = "src/http/message/testdata/request_head";

HeadResult parse(std::string_view bytes, RequestHead& head) {
    std::size_t scanned = 0;
    return parse_request_head(bytes, scanned, HeadLimits{}, head);
}

// One line per file, so that a change in what is understood shows up in review.
std::string summarize(const std::string& name, const RequestHead& head) {
    static constexpr const char* framings[] = {"none", "length", "chunked"};
    std::string line =
        name + ": " + std::string(method_name(head.method)) + " path=" + std::string(head.path.substr(0, 80));
    if (!head.query.empty()) line += " query=" + std::string(head.query);
    line += " host=" + std::string(head.host) + " 1." + std::to_string(head.minor_version);
    line += std::string(" body=") + framings[static_cast<int>(head.framing)];
    if (head.framing == RequestHead::Framing::length) line += ":" + std::to_string(head.content_length);
    if (head.expects_continue) line += " expects-continue";
    line += head.keeps_alive ? " keep" : " close";
    return line + " headers=" + std::to_string(head.headers.size()) + "\n";
}

TEST(RequestHead, UnderstandsTheAcceptCorpus) {
    std::string summary;
    for (const auto& file : test::list_files(test::source_path(std::string(corpus) + "/accept"))) {
        const std::string bytes = test::read_file(file);
        RequestHead head;
        const HeadResult result = parse(bytes, head);
        ASSERT_EQ(result.state, HeadResult::State::complete) << file << ": " << result.detail;
        EXPECT_EQ(bytes.substr(result.size_bytes - 4, 4), "\r\n\r\n") << file;
        summary += summarize(file.stem().string(), head);
    }
    const auto golden = test::source_path(std::string(corpus) + "/accept.golden");
    if (std::getenv("LODESTONE_ACCEPT") != nullptr) {
        std::ofstream(golden, std::ios::binary) << summary;
        GTEST_SKIP() << "accepted a new " << golden;
    }
    EXPECT_EQ(summary, test::read_file(golden));
}

TEST(RequestHead, RefusesTheRejectCorpusWithTheStatusThatTheFilesAreNamedFor) {
    const auto files = test::list_files(test::source_path(std::string(corpus) + "/reject"));
    ASSERT_GT(files.size(), 250u);
    for (const auto& file : files) {
        const std::string bytes = test::read_file(file);
        RequestHead head;
        const HeadResult result = parse(bytes, head);
        ASSERT_EQ(result.state, HeadResult::State::refused) << file;
        EXPECT_EQ(std::to_string(result.problem->status), file.filename().string().substr(0, 3))
            << file << ": " << result.detail;
        EXPECT_TRUE(result.detail.ends_with('.')) << file;
    }
}

// However the bytes are cut into packets, the verdict is the same.
TEST(RequestHead, GivesTheSameVerdictByteByByte) {
    for (const char* folder : {"/accept", "/reject"}) {
        for (const auto& file : test::list_files(test::source_path(corpus + std::string(folder)))) {
            const std::string bytes = test::read_file(file);
            if (bytes.size() > 2000) continue;
            RequestHead whole;
            const HeadResult expected = parse(bytes, whole);
            RequestHead head;
            HeadResult result{.state = HeadResult::State::need_more};
            std::size_t scanned = 0;
            for (std::size_t size = 1; size <= bytes.size() && result.state == HeadResult::State::need_more;
                 ++size)
                result =
                    parse_request_head(std::string_view(bytes).substr(0, size), scanned, HeadLimits{}, head);
            EXPECT_EQ(result.state, expected.state) << file;
            if (result.state == HeadResult::State::complete)
                EXPECT_EQ(summarize("", head), summarize("", whole)) << file;
        }
    }
}

TEST(RequestHead, KeepsToLimitsThatAnOperatorSets) {
    RequestHead head;
    std::size_t scanned = 0;
    const std::string request = "GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    HeadLimits limits;
    limits.target_bytes = 50;
    EXPECT_EQ(parse_request_head(request, scanned, limits, head).problem->status, 414);
    limits = {.head_bytes = 64};
    scanned = 0;
    EXPECT_EQ(parse_request_head(request, scanned, limits, head).problem->status, 431);
}

TEST(RequestHead, WaitsForMoreOfAnUnfinishedHead) {
    for (const std::string_view part :
         {"G", "GET / HT", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\nHost: a\r\n", "\r", "\r\n"}) {
        RequestHead head;
        EXPECT_EQ(parse(part, head).state, HeadResult::State::need_more) << part;
    }
}

}  // namespace
}  // namespace lodestone::http
