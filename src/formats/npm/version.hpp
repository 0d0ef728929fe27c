// Versions, strictly by https://semver.org/spec/v2.0.0.html.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::formats::npm {

struct SemanticVersion {
    std::uint64_t major = 0;
    std::uint64_t minor = 0;
    std::uint64_t patch = 0;
    std::vector<std::string> prerelease;  // "beta", "1"
    std::string build;
    bool operator==(const SemanticVersion&) const = default;
};

// Nothing for what is none: "1.0", "v1.0.0", "01.0.0".
std::optional<SemanticVersion> parse_version(std::string_view text);
std::string render_version(const SemanticVersion& version);

// By precedence, to which the build does not belong.
std::strong_ordering compare_versions(const SemanticVersion& one, const SemanticVersion& other);

// The key under which two spellings are one: without the build. What is no version stays as it is.
std::string fold_version(std::string_view text);

// Parts of a version, as ranges have them, too; each takes what it reads off the front.
// A number without leading zeros.
std::optional<std::uint64_t> take_number(std::string_view& text);
// "beta.1", as long as it goes; nothing for what may not stand there.
std::optional<std::vector<std::string>> take_prerelease(std::string_view& text);
std::optional<std::string> take_build(std::string_view& text);

}  // namespace lodestone::formats::npm
