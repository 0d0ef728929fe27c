// Fuzzes what uploaders of Python packages send: names, versions, file names, metadata, attestations and
// forms. Whatever the text, it is read or refused, and what was read says the same again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/html_text.hpp"
#include "base/problem.hpp"
#include "formats/pypi/attestation.hpp"
#include "formats/pypi/distribution.hpp"
#include "formats/pypi/entry.hpp"
#include "formats/pypi/index.hpp"
#include "formats/pypi/metadata.hpp"
#include "formats/pypi/names.hpp"
#include "formats/pypi/upload_form.hpp"
#include "formats/pypi/upload_path.hpp"
#include "formats/pypi/version.hpp"

using namespace lodestone;
using namespace lodestone::formats::pypi;

namespace {

void check_versions(std::string_view text) {
    const std::string key = fold_version_text(text);
    ensure(fold_version_text(key) == key, "a key is its own key");
    (void)is_specifier_set(text);
    const auto version = parse_version(text);
    if (!version) return;
    const std::string rendered = render_version(*version);
    const auto again = parse_version(rendered);
    if (rendered.size() > text.size() + 20) return;  // words that stand for longer ones may pass the limit
    ensure(again.has_value() && compare_versions(*version, *again) == 0, "a rendered version is the same");
    ensure(fold_version_text(rendered) == key, "equal versions have one key");
}

void check_names(std::string_view text) {
    const std::string folded = fold_project_name(text);
    ensure(fold_project_name(folded) == folded, "a folded name is folded");
    find_problem([&] {
        const Distribution distribution = parse_distribution(text);
        ensure(is_project_name(distribution.project), "a file begins with a project");
    });
}

void check_metadata(std::string_view text) {
    const auto sentence = find_problem([&] {
        const CoreMetadata metadata = parse_metadata(text);
        (void)render_info(metadata);
        (void)render_facts(metadata);
        (void)list_keywords(metadata);
        for (const std::string& trait : list_traits(metadata, Distribution()))
            ensure(!trait.empty(), "a trait is a text");
    });
    if (sentence) ensure(!sentence->empty(), "what is refused is told why");
    const std::string escaped = escape_html(text);
    ensure(escaped.find_first_of("<>\"") == escaped.npos, "nothing escapes from an attribute");
}

// A line for each field, NAME=VALUE.
void check_form(std::string_view text) {
    UploadForm form;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t equals = std::min(line.find('='), line.size());
        std::string value(line.substr(std::min(line.size(), equals + 1)));
        if (line.substr(0, equals) == content_field)
            form.file_name = std::move(value);
        else
            form.fields.emplace_back(std::string(line.substr(0, equals)), std::move(value));
    }
    find_problem([&] {
        const AnnouncedFile announced = parse_upload_form(form);
        ensure(!announced.digests.empty(), "what comes is compared with something");
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    check_versions(text);
    check_names(text);
    check_metadata(text);
    check_form(text);
    find_problem([&] { (void)parse_attestations(text, "six-1.0-py3-none-any.whl", Sha256{}); });
    (void)parse_upload_path(text);
    ensure(!parse_project_status(text).status.empty(), "a project has a status");
    return 0;
}
