// The document that publishes a package, cut anywhere; and base64 likewise.
#include "formats/npm/attachment_scanner.hpp"

#include <gtest/gtest.h>

#include "base/npm_limits.hpp"
#include "base/problem.hpp"

namespace lodestone::formats::npm {
namespace {

struct Taken : AttachmentSink {
    std::string bytes;
    void append(std::string_view more) override { bytes += more; }
};

struct Scanned {
    std::string document;
    std::string bytes;
    bool has_tarball = false;
    bool operator==(const Scanned&) const = default;
};

Scanned scan(std::string_view text, std::size_t piece_bytes) {
    Taken taken;
    AttachmentScanner scanner(taken);
    for (; !text.empty(); text.remove_prefix(std::min(piece_bytes, text.size())))
        scanner.take(text.substr(0, piece_bytes));
    return {.document = scanner.document(), .bytes = taken.bytes, .has_tarball = scanner.has_tarball()};
}

constexpr std::string_view published =
    R"({"name":"a","versions":{"1.0.0":{"_attachments":{"b.tgz":{"data":"stays"}}}},"data":"too","_attachments":)"
    R"({"a-1.0.0.tgz":{"content_type":"x","data":"aGVsbG8gd29ybGQ/+w==","length":12},"a-1.0.0.sigstore":)"
    R"({"data":"{\"kept\":1}"}},"more":["\"_attachments\":{\"c.tgz\":{\"data\":\"no\""]})";

TEST(NpmAttachment, IsTakenOutOfItsDocumentHoweverThatIsCut) {
    std::string rest(published);
    rest.erase(rest.find("aGVs"), std::string_view("aGVsbG8gd29ybGQ/+w==").size());
    const Scanned expected{.document = rest, .bytes = "hello world?\xFB", .has_tarball = true};
    for (std::size_t piece = 1; piece <= published.size(); ++piece)
        EXPECT_EQ(scan(published, piece), expected) << piece;
}

TEST(NpmAttachment, MayHaveSlashesAsOldEncodersWriteThem) {
    const std::string text = R"({"_attachments":{"a-1.0.0.tgz":{"data":"\/\/\/\/"}}})";
    for (std::size_t piece = 1; piece <= text.size(); ++piece)
        EXPECT_EQ(scan(text, piece).bytes, "\xFF\xFF\xFF") << piece;
}

// Each escape costs as much as what stands before it, not as what comes behind: else this takes minutes.
TEST(NpmAttachment, MayConsistOfSlashes) {
    std::string data;
    for (int i = 0; i < (1 << 21); ++i) data += R"(\/)";
    const std::string text = R"({"_attachments":{"a-1.0.0.tgz":{"data":")" + data + "\"}}}";
    EXPECT_EQ(scan(text, text.size()).bytes, std::string((std::size_t{1} << 21) / 4 * 3, '\xFF'));
}

// Long enough that the end and an escape stand in each place of what is searched at once.
TEST(NpmAttachment, MayEndAnywhere) {
    for (std::size_t size = 0; size < 600; size += 4) {
        const std::string digits(size, 'A');
        const std::string bytes(size / 4 * 3, '\0');
        const std::string begun = R"({"_attachments":{"a-1.0.0.tgz":{"data":")" + digits;
        EXPECT_EQ(scan(begun + "\"}}}", 10'000).bytes, bytes) << size;
        EXPECT_EQ(scan(begun + R"(\/\/\/\/"}}})", 10'000).bytes, bytes + "\xFF\xFF\xFF") << size;
    }
}

TEST(NpmAttachment, ThatIsNoBase64IsRefused) {
    for (const char* data : {"a", "ab", "abc", "abc!", "ab=c", "====", "a===", "YQ=", "YQ===", "YR==", "YWF=",
                             "YWE=YWE=", "YQ==YQ==", "Y Q=", R"(\u0041AAA)", R"(AAA\n)", "ab-_"}) {
        const std::string text = R"({"_attachments":{"a-1.0.0.tgz":{"data":")" + std::string(data) + "\"}}}";
        for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, text.size()})
            EXPECT_EQ(find_problem([&] { scan(text, piece); }),
                      "The tarball in _attachments is no base64: publish it again.")
                << data;
    }
}

TEST(NpmAttachment, ComesOnce) {
    EXPECT_EQ(find_problem([] {
                  scan(R"({"_attachments":{"a-1.tgz":{"data":"AAAA"},"b-1.tgz":{"data":"AAAA"}}})", 7);
              }),
              "There are two tarballs in _attachments: publish one version at a time.");
}

TEST(NpmAttachment, ThatIsWrittenOtherwiseStaysInTheDocument) {
    for (const char* text : {R"({"\u005fattachments":{"a-1.0.0.tgz":{"data":"AAAA"}}})",
                             R"({"_attachments":{"a-1.0.0.tgz":{"d\u0061ta":"AAAA"}}})",
                             R"([{"_attachments":{"a-1.0.0.tgz":{"data":"AAAA"}}}])",
                             R"({"_attachments":[{"a-1.0.0.tgz":{"data":"AAAA"}}]})",
                             R"({"x":{"_attachments":{"a-1.0.0.tgz":{"data":"AAAA"}}}})"}) {
        EXPECT_EQ(scan(text, 5).document, text);
        EXPECT_FALSE(scan(text, 5).has_tarball);
    }
}

TEST(NpmAttachment, LeavesADocumentOfBoundedSize) {
    const std::string large(limits::npm_document_bytes, 'x');
    EXPECT_TRUE(find_problem([&] { scan("{\"readme\":\"" + large + "\"}", 65'536); }));
    EXPECT_FALSE(find_problem([&] {
        scan(R"({"_attachments":{"a.tgz":{"data":")" + std::string(40 * limits::mib, 'A') + "\"}}}", 65'536);
    }));
    EXPECT_TRUE(find_problem([] { scan(std::string(1000, '['), 100); })) << "nested too deeply";
}

// What is cut off is noticed by whoever reads the document.
TEST(NpmAttachment, ThatIsCutOffIsNone) {
    for (std::size_t size = 0; size < published.size(); ++size) {
        Taken taken;
        AttachmentScanner scanner(taken);
        scanner.take(published.substr(0, size));
        EXPECT_LE(taken.bytes.size(), 13U);
    }
}

}  // namespace
}  // namespace lodestone::formats::npm
