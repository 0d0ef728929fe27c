// From fallback tags to properties of what is listed under them.
#include "formats/oci/fallback_tag.hpp"

#include "formats/oci/facts.hpp"
#include "formats/oci/lookup.hpp"
#include "packages/property.hpp"
#include "packages/version.hpp"

namespace lodestone::formats::oci {

using db::Tx;

// Tags are at most 128 characters long, so of a sha512 the end is missing: it cannot be told which it was.
std::optional<std::string> parse_fallback_tag(std::string_view tag) {
    const auto dash = tag.find('-');
    if (dash == tag.npos) return std::nullopt;
    std::string digest = std::string(tag.substr(0, dash)) + ':' + std::string(tag.substr(dash + 1));
    if (!parse_content_digest(digest)) return std::nullopt;
    return digest;
}

void forget_listed(Tx& tx, const packages::PackagePlace& place, std::string_view tag) {
    if (const auto subject = parse_fallback_tag(tag))
        packages::delete_properties(tx, place, listed_subject_property, *subject);
}

void note_listed(Tx& tx, const packages::PackagePlace& place, std::string_view tag,
                 const Manifest& manifest) {
    const auto subject = parse_fallback_tag(tag);
    if (!subject) return;
    packages::delete_properties(tx, place, listed_subject_property, *subject);
    for (const Descriptor& entry : manifest.manifests) {
        const auto version = packages::find_version_by_key(tx, place, render_content_digest(entry.digest));
        if (!version) continue;
        const auto facts = parse_referrer_facts(version->facts);
        if (facts && facts->subject == *subject) continue;
        packages::put_property(tx, {place, version->id}, listed_subject_property, *subject);
    }
}

}  // namespace lodestone::formats::oci
