// Fuzzes what npm's clients send: names, versions, ranges, and the documents with which they publish, cut
// where the first byte says. Whatever the text, it is read or refused, and what was read says the same again.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "formats/npm/attachment_scanner.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/package_json.hpp"
#include "formats/npm/publish_document.hpp"
#include "formats/npm/range.hpp"
#include "formats/npm/version.hpp"
#include "formats/npm/version_manifest.hpp"

using namespace lodestone;
using namespace lodestone::formats::npm;

namespace {

struct Taken : AttachmentSink {
    std::string bytes;
    void append(std::string_view more) override { bytes += more; }
};

void check_names(std::string_view text) {
    if (const auto version = parse_version(text)) {
        ensure(render_version(*version) == text, "a version has one spelling");
        ensure(is_range(text) && !is_tag_name(text), "a version is a range, and no tag");
        ensure(compare_versions(*version, *version) == 0, "a version is as high as itself");
        ensure(fold_version(fold_version(text)) == fold_version(text), "what is folded stays");
    }
    if (is_package_name(text))
        ensure(version_of_file(text, tarball_name(text, "1.0.0")) == "1.0.0", "a tarball names its version");
    (void)is_range(text);
}

void check_document(std::string_view text) {
    const auto sentence = find_problem([&] {
        PackageDocument document = parse_package_document(text);
        const std::string name = document.name;
        const PublishedVersion published = find_published_version(std::move(document), name);
        ensure(parse_version(published.version).has_value(), "what is published is a version");
        RenderedManifests rendered = render_manifests(published.manifest, {});
        for (std::string* one : {&rendered.full, &rendered.brief}) {
            (void)render_package_members(*one);
            close_manifest(*one, {.tarball = "x", .deprecation = "y", .attestations = "z"});
            ensure(boost::json::parse(*one).is_object(), "what is rendered is JSON");
        }
        ensure(boost::json::parse(summarize(published.manifest).facts).is_object(), "facts are JSON");
    });
    if (sentence) ensure(!sentence->empty(), "what is refused is told why");
    (void)find_problem([&] { parse_package_json(text); });
}

// However it is cut, the same comes of it.
void check_scanner(std::string_view text, std::size_t cut) {
    std::string whole;
    std::string bytes;
    bool is_fine = !find_problem([&] {
        Taken taken;
        AttachmentScanner scanner(taken);
        scanner.take(text);
        whole = scanner.document();
        bytes = taken.bytes;
    });
    const auto sentence = find_problem([&] {
        Taken taken;
        AttachmentScanner scanner(taken);
        for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(std::min(cut, rest.size())))
            scanner.take(rest.substr(0, cut));
        ensure(scanner.document() == whole && taken.bytes == bytes, "cuts make no difference");
    });
    ensure(is_fine != sentence.has_value(), "cuts make no difference to what is refused");
    check_document(whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    if (size_bytes == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size_bytes - 1);
    check_names(text);
    check_document(text);
    check_scanner(text, data[0] % 64 + 1);
    return 0;
}
