// Core metadata: https://packaging.python.org/en/latest/specifications/core-metadata/, as METADATA of a wheel
// and PKG-INFO of an sdist have it: fields as in a mail, and the description behind them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/pypi/version.hpp"

namespace lodestone::formats::pypi {

struct CoreMetadata {
    // By their names in lower case, in their order; what stands once and what stands often alike.
    std::vector<std::pair<std::string, std::string>> fields;
    std::string description;

    // What every file says, looked at.
    std::string project;
    PythonVersion version;

    // Empty when it is not there.
    std::string_view find(std::string_view name) const;
    std::vector<std::string_view> list(std::string_view name) const;
};

// Throws Problem(invalid_input) with a sentence that begins "The metadata ".
CoreMetadata parse_metadata(std::string_view bytes);

// Throws Problem(invalid_input) unless the metadata is of this project and version, as a client announced
// them.
void check_is_of(const CoreMetadata& metadata, std::string_view project, const PythonVersion& version);

// Keywords are separated by commas, or, where there is none, by spaces.
std::vector<std::string> list_keywords(const CoreMetadata& metadata);

// "Label, https://…" of Project-URL, and the older fields that hold one.
struct ProjectUrl {
    std::string label;
    std::string url;
    bool operator==(const ProjectUrl&) const = default;
};
std::vector<ProjectUrl> list_project_urls(const CoreMetadata& metadata);

}  // namespace lodestone::formats::pypi
