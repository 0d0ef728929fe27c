// What a file says in each of the indexes of its project, rendered once, when it is published. What may
// change afterwards is put behind it by the index (index.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "formats/pypi/distribution.hpp"
#include "formats/pypi/metadata.hpp"
#include "packages/fragment.hpp"

namespace lodestone::formats::pypi {

// Kinds of fragments. The first three are about files and are no whole text yet; `info` is about the version.
inline constexpr std::string_view json_kind = "json";
inline constexpr std::string_view html_kind = "html";
inline constexpr std::string_view release_kind = "release";
inline constexpr std::string_view info_kind = "info";
// METADATA as it stands in the wheel, and the provenance object: each is served as it is.
inline constexpr std::string_view metadata_kind = "metadata";
inline constexpr std::string_view provenance_kind = "provenance";

// Stands in entries for what absolute addresses begin with, up to the repository. No text of an entry can
// hold it: JSON and HTML do not have it.
inline constexpr char base_mark = '\x1f';

struct PublishedFile {
    std::string file_name;
    Distribution distribution;
    std::string project_key;
    std::string version_name;
    std::string sha256;  // in hexadecimal, as the others
    std::string md5;
    std::string blake2b_256;
    std::uint64_t size_bytes = 0;
    std::string metadata_sha256;  // of a wheel's METADATA; empty: it is not served
    std::string requires_python;
    bool has_provenance = false;
    Time uploaded_at{};
};

// "files/six/1.0/six-1.0.tar.gz", below the repository.
std::string render_file_path(std::string_view project_key, std::string_view version,
                             std::string_view file_name);

std::string render_json_entry(const PublishedFile& file);
std::string render_html_entry(const PublishedFile& file);
std::string render_release_entry(const PublishedFile& file);
// Without what makes it longer than a fragment may be: then the description is left out.
std::string render_info(const CoreMetadata& metadata);

// For people and their tools: licence, dependencies, links, classifiers; bounded.
std::string render_facts(const CoreMetadata& metadata);
// "requires-python:>=3.8", "wheel" or "sdist".
std::vector<std::string> list_traits(const CoreMetadata& metadata, const Distribution& distribution);

}  // namespace lodestone::formats::pypi
