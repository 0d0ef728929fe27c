// Fuzzes what container clients send: names, digests, references, chunks, scopes, manifests and
// configurations. Whatever the text, it is read or refused, and what was read says the same again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "formats/oci/facts.hpp"
#include "formats/oci/fallback_tag.hpp"
#include "formats/oci/manifest.hpp"
#include "formats/oci/place.hpp"
#include "formats/oci/reference.hpp"
#include "formats/oci/summary.hpp"
#include "formats/oci/token_scope.hpp"

using namespace lodestone;
using namespace lodestone::formats::oci;

namespace {

void check_names(std::string_view text) {
    if (const auto digest = parse_content_digest(text))
        ensure(render_content_digest(*digest) == text, "a digest has one spelling");
    if (const auto reference = parse_reference(text))
        ensure(reference->text == text && (reference->digest || is_tag(text)),
               "a reference is a tag or a digest");
    if (const auto chunk = parse_chunk(text)) ensure(chunk->size_bytes() > 0, "a chunk has a byte at least");
    if (const auto name = parse_full_name(text))
        ensure(name->tenant.text() + '/' + name->repository + '/' + name->image == text,
               "a name has three parts");
    if (const auto subject = parse_fallback_tag(text))
        ensure(parse_content_digest(*subject).has_value() && is_tag(text), "a fallback tag names a digest");
}

void check_scopes(std::string_view text) {
    for (const TokenScope& scope : parse_token_scopes(text))
        ensure(!scope.type.empty() && !scope.name.empty() && !scope.actions.empty(),
               "a scope has three parts");
    (void)parse_token_scope(text);
}

void check_documents(std::string_view text) {
    const auto config = parse_image_config(text);
    const auto sentence = find_problem([&] {
        const Manifest manifest = parse_manifest(text, "");
        const auto facts = parse_referrer_facts(render_facts(manifest, config));
        ensure(facts.has_value(), "facts can be read");
        const Described image{.manifest = manifest, .config = config};
        (void)find_description(image);
        (void)find_keywords(image);
        for (const std::string& trait : list_traits(image)) ensure(!trait.empty(), "a trait is a text");
    });
    if (sentence) ensure(!sentence->empty(), "what is refused is told why");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    check_names(text);
    check_scopes(text);
    check_documents(text);
    return 0;
}
