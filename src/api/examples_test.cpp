// The examples of docs/user/api.md, run in their order: what a reader pastes works.
#include <fstream>
#include <iterator>

#include "support/api_test.hpp"
#include "support/files.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

// The words of a shell's command: quotes of both kinds, and a backslash at a line's end.
std::vector<std::string> split_words(std::string_view line, const std::string& key) {
    std::vector<std::string> words;
    std::string word;
    char quote = 0;
    for (const char c : line) {
        if (quote == 0 && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote)
            quote = 0;
        else if (quote == 0 && (c == ' ' || c == '\n' || c == '\\'))
            word.empty() ? void() : words.push_back(std::exchange(word, {}));
        else
            word += c;
        if (word.ends_with("$KEY")) word.replace(word.size() - 4, 4, key);
    }
    if (!word.empty()) words.push_back(word);
    return words;
}

struct Example {
    std::string line;
    std::string headers;
    std::string body;
};

Example read_curl(const std::vector<std::string>& words) {
    Example example;
    std::string method;
    std::string url;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "-X")
            method = words[++i];
        else if (words[i] == "-H")
            example.headers += words[++i] + "\r\n";
        else if (words[i] == "-d")
            example.body = words[++i];
        else
            url = words[i];
    }
    if (method.empty()) method = example.body.empty() ? "GET" : "POST";
    example.line = method + " " + url.substr(url.find('/', std::string_view("http://").size()));
    return example;
}

class ApiExamples : public test::ApiTest {};
INSTANTIATE_ON_EVERY_DATABASE(ApiExamples);

TEST_P(ApiExamples, Work) {
    const std::string key = make_tenant("acme");
    std::ifstream file(test::source_path("docs/user/api.md"));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    int count = 0;
    for (std::size_t at = text.find("```sh\n"); at != text.npos; at = text.find("```sh\n", at + 1)) {
        std::string block = text.substr(at + 6, text.find("```", at + 6) - at - 6);
        for (std::size_t curl = block.find("curl "); curl != block.npos;) {
            const std::size_t next = block.find("\ncurl ", curl);
            const Example example = read_curl(split_words(block.substr(curl, next - curl), key));
            const Reply reply = ask(example.line, example.body, example.headers);
            EXPECT_LT(reply.status, 300) << example.line << "\n" << reply.body;
            ++count;
            curl = next == block.npos ? next : next + 1;
        }
    }
    EXPECT_GE(count, 4) << "the document has examples";
}

}  // namespace
}  // namespace lodestone::api
