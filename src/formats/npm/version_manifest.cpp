// Members of a manifest, kept or left out by name.
#include "formats/npm/version_manifest.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"

namespace lodestone::formats::npm {

namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> dependency_members{"dependencies", "optionalDependencies",
                                                             "devDependencies", "peerDependencies"};
// What installers read; the rest of what they read is said by whoever renders.
constexpr std::array<std::string_view, 17> brief_members{"name",
                                                         "version",
                                                         "dependencies",
                                                         "optionalDependencies",
                                                         "devDependencies",
                                                         "peerDependencies",
                                                         "peerDependenciesMeta",
                                                         "bundleDependencies",
                                                         "bundledDependencies",
                                                         "acceptDependencies",
                                                         "bin",
                                                         "directories",
                                                         "engines",
                                                         "os",
                                                         "cpu",
                                                         "libc",
                                                         "funding"};
// What is said anew, or was only of interest to whoever published; a readme is the largest part of most, and
// no client reads it of a version: the package's document has it (render_readme()).
constexpr std::array<std::string_view, 10> left_out{
    "_hasShrinkwrap", "dist",      "deprecated", "_id",        "readme",
    "_attachments",   "_resolved", "_from",      "_integrity", "hasInstallScript"};
constexpr std::array<std::string_view, 7> package_members{"homepage", "keywords", "repository",  "author",
                                                          "bugs",     "license",  "contributors"};

bool is_among(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::count(names, name) > 0;
}

void append_member(std::string& out, std::string_view name) {
    if (out.back() != '{') out += ',';
    append_json_string(out, name);
    out += ':';
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
    append_member(out, name);
    append_json_string(out, text);
}

const json::object* find_object(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

std::string find_text(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

void check_dependencies(const json::object& manifest) {
    for (const std::string_view name : dependency_members) {
        const json::value* found = manifest.if_contains(name);
        if (found == nullptr || found->is_null()) continue;
        const bool is_fine = found->is_object() &&
                             std::ranges::all_of(found->get_object(),
                                                 [](const auto& pair) { return pair.value().is_string(); });
        if (!is_fine)
            throw Problem(problems::invalid_input, "The member " + std::string(name) +
                                                       " of the version is no list of names and ranges.");
    }
}

// Open at its end, for the tarball's address and signatures.
void append_dist(std::string& out, const TarballFacts& tarball) {
    append_member(out, "dist");
    out += '{';
    append_text(out, "integrity", tarball.integrity);
    append_text(out, "shasum", tarball.shasum);
    append_member(out, "fileCount");
    out += std::to_string(tarball.file_count);
    append_member(out, "unpackedSize");
    out += std::to_string(tarball.unpacked_bytes);
    if (tarball.signature.empty()) return;
    out += ",\"signatures\":[{";
    append_text(out, "keyid", tarball.signing_key);
    append_text(out, "sig", tarball.signature);
    out += "}]";
}

template <class Keep>
std::string render(const json::object& manifest, const TarballFacts& tarball, Keep keep) {
    std::string out = "{";
    append_text(out, "_id", find_text(manifest, "name") + '@' + find_text(manifest, "version"));
    for (const json::key_value_pair& pair : manifest) {
        if (pair.value().is_null() || !keep(std::string_view(pair.key()))) continue;
        append_member(out, pair.key());
        out += json::serialize(pair.value());
    }
    if (tarball.has_install_script || has_install_script(manifest)) {
        append_member(out, "hasInstallScript");
        out += "true";
    }
    if (tarball.has_shrinkwrap) {
        append_member(out, "_hasShrinkwrap");
        out += "true";
    }
    append_dist(out, tarball);
    return out;
}

// Controls become spaces, which none of its ends has.
std::string tidy(std::string text) {
    std::ranges::replace_if(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }, ' ');
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// At most so many bytes, and no part of a character.
std::string cut(std::string text, std::size_t size_bytes) {
    if (text.size() <= size_bytes) return text;
    while (size_bytes > 0 && (static_cast<unsigned char>(text[size_bytes]) & 0xC0) == 0x80) --size_bytes;
    text.resize(size_bytes);
    return text;
}

// "git+https://…" of either spelling.
std::string find_address(const json::object& manifest, std::string_view name) {
    const std::string text = find_text(manifest, name);
    const json::object* object = find_object(manifest, name);
    return !text.empty() || object == nullptr ? text : find_text(*object, "url");
}

// "MIT" of either spelling.
std::string find_licence(const json::object& manifest) {
    const std::string text = find_text(manifest, "license");
    const json::object* object = find_object(manifest, "license");
    return !text.empty() || object == nullptr ? text : find_text(*object, "type");
}

void append_dependencies(std::string& facts, const json::object& manifest) {
    const json::object* found = find_object(manifest, "dependencies");
    if (found == nullptr || found->empty()) return;
    append_member(facts, "dependencies");
    facts += '{';
    std::size_t count = 0;
    for (const json::key_value_pair& pair : *found) {
        if (++count > limits::npm_fact_dependencies) break;
        if (pair.value().is_string()) append_text(facts, pair.key(), pair.value().get_string());
    }
    facts += '}';
}

void append_maintainers(std::string& facts, const json::object& manifest) {
    const json::value* found = manifest.if_contains("maintainers");
    if (found == nullptr || !found->is_array()) return;
    append_member(facts, "maintainers");
    facts += '[';
    for (const json::value& one : found->get_array()) {
        const std::string name = one.is_object()   ? find_text(one.get_object(), "name")
                                 : one.is_string() ? std::string(one.get_string())
                                                   : std::string();
        if (name.empty()) continue;
        if (facts.back() != '[') facts += ',';
        append_json_string(facts, name);
    }
    facts += ']';
}

}  // namespace

bool has_install_script(const json::object& manifest) {
    const json::object* scripts = find_object(manifest, "scripts");
    return scripts != nullptr && (scripts->contains("preinstall") || scripts->contains("install") ||
                                  scripts->contains("postinstall"));
}

RenderedManifests render_manifests(const json::object& manifest, const TarballFacts& tarball) {
    check_dependencies(manifest);
    RenderedManifests rendered{
        .full = render(manifest, tarball, [](std::string_view name) { return !is_among(left_out, name); }),
        .brief =
            render(manifest, tarball, [](std::string_view name) { return is_among(brief_members, name); })};
    if (rendered.full.size() > limits::npm_manifest_bytes)
        throw Problem(problems::invalid_input,
                      "What describes the version is larger than 1 MiB: leave some of it out of "
                      "package.json.");
    return rendered;
}
static_assert(limits::npm_manifest_bytes == limits::mib, "the sentence above says so");
static_assert(limits::npm_manifest_bytes <= limits::fragment_bytes);

std::string render_readme(const json::object& manifest, const TarballFacts& tarball) {
    // What clients write where they have found none.
    constexpr std::string_view nothing_found = "ERROR: No README data found!";
    std::string text = find_text(manifest, "readme");
    std::string name = find_text(manifest, "readmeFilename");
    if (text.empty() || text == nothing_found) {
        text = tarball.readme;
        name = tarball.readme_name;
    }
    if (text.empty()) return {};
    std::string out = "{";
    append_text(out, "readme", cut(std::move(text), limits::npm_readme_bytes));
    append_text(out, "readmeFilename", cut(std::move(name), limits::archive_path_bytes));
    return out.substr(1);
}

void close_manifest(std::string& out, const ManifestEnd& end) {
    append_text(out, "tarball", end.tarball);
    if (!end.attestations.empty()) {
        out += ",\"attestations\":{";
        append_text(out, "url", end.attestations);
        out += R"(,"provenance":{"predicateType":"https://slsa.dev/provenance/v1"}})";
    }
    out += '}';
    if (!end.deprecation.empty()) append_text(out, "deprecated", end.deprecation);
    out += '}';
}

ManifestSummary summarize(const json::object& manifest) {
    ManifestSummary summary;
    if (std::string text = tidy(find_text(manifest, "description")); !text.empty())
        summary.description = cut(std::move(text), limits::description_bytes);
    const json::value* keywords = manifest.if_contains("keywords");
    if (keywords != nullptr && keywords->is_array()) {
        summary.keywords.emplace();
        for (const json::value& keyword : keywords->get_array())
            if (keyword.is_string())
                if (std::string text = tidy(std::string(keyword.get_string())); !text.empty())
                    summary.keywords->push_back(std::move(text));
    }
    std::string facts = "{";
    if (const std::string text = find_licence(manifest); !text.empty()) append_text(facts, "licence", text);
    if (const std::string text = find_address(manifest, "repository"); !text.empty())
        append_text(facts, "repository", text);
    if (const std::string text = find_text(manifest, "homepage"); !text.empty())
        append_text(facts, "homepage", text);
    append_dependencies(facts, manifest);
    append_maintainers(facts, manifest);
    summary.facts = facts + '}';
    return summary;
}

std::string render_package_members(std::string_view full_manifest) {
    // Within "dist", where it is open.
    const json::value read =
        json::parse(std::string(full_manifest) + "}}", {}, {.max_depth = limits::npm_document_depth});
    std::string out;
    for (const json::key_value_pair& pair : read.as_object()) {
        if (!is_among(package_members, pair.key())) continue;
        out += ',';
        append_json_string(out, pair.key());
        out += ':' + json::serialize(pair.value());
    }
    return out;
}

}  // namespace lodestone::formats::npm
