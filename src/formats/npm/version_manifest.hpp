// What a package's documents say of one version: rendered once, when it is published, so that a document is
// made by joining what its versions say. The whole one has all that the client said; the abbreviated one what
// installers need.
// https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
// Pure: facts in, text out.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::formats::npm {

// What was found out about the tarball itself.
struct TarballFacts {
    std::string integrity;  // "sha512-…"
    std::string shasum;     // of SHA-1, in hexadecimal
    std::uint64_t file_count = 0;
    std::uint64_t unpacked_bytes = 0;
    bool has_install_script = false;
    bool has_shrinkwrap = false;
    std::string signature{};  // the registry's; empty: it has none
    std::string signing_key{};
    std::string readme{};  // of the file README at its top, cut at limits::npm_readme_bytes
    std::string readme_name{};
};

// Objects that end within "dist", which the index ends with what it alone knows: the tarball's address, and
// whether the version is deprecated (close_manifest()).
struct RenderedManifests {
    std::string full;
    std::string brief;
};

// Throws Problem(invalid_input) for dependencies that clients could not read.
RenderedManifests render_manifests(const boost::json::object& manifest, const TarballFacts& tarball);

struct ManifestEnd {
    std::string_view tarball;  // its address
    std::string_view deprecation;
    std::string_view attestations;  // where they are; empty: there are none
};
void close_manifest(std::string& out, const ManifestEnd& end);

bool has_install_script(const boost::json::object& manifest);

// For search and people.
struct ManifestSummary {
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> keywords;
    std::string facts;  // JSON
};
ManifestSummary summarize(const boost::json::object& manifest);

// What a package's whole document says for its latest version's sake: the readme, as the client sent it or
// else as the tarball has it, and the name of its file. Members, without a comma before; empty: there is
// none.
std::string render_readme(const boost::json::object& manifest, const TarballFacts& tarball);

// What a package's whole document says of it, after what its latest version does: members, each behind a
// comma.
std::string render_package_members(std::string_view full_manifest);

}  // namespace lodestone::formats::npm
