// Versions: https://packaging.python.org/en/latest/specifications/version-specifiers/ (PEP 440).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::formats::pypi {

// Numbers are their digits, without zeros before them: they have no largest one.
struct PythonVersion {
    enum class Phase : std::uint8_t { alpha, beta, candidate };
    struct Preliminary {
        Phase phase{};
        std::string number;
        bool operator==(const Preliminary&) const = default;
    };
    std::string epoch = "0";
    std::vector<std::string> release;
    std::optional<Preliminary> preliminary;
    std::optional<std::string> post;
    std::optional<std::string> development;
    std::vector<std::string> local;  // "ubuntu", "1"

    // What nobody gets who does not ask for it.
    bool is_prerelease() const { return preliminary || development; }
    bool operator==(const PythonVersion&) const = default;
};

// In any of the spellings that installers take: "1.0", " v1.0-ALPHA_2 ", "1!2.0.post1+Local-7".
std::optional<PythonVersion> parse_version(std::string_view text);
// In the one that is preferred: "1!2.0a1.post2.dev3+local.7".
std::string render_version(const PythonVersion& version);
std::strong_ordering compare_versions(const PythonVersion& left, const PythonVersion& right);

// The key of what was parsed.
std::string fold_version(const PythonVersion& version);
// The key under which all spellings of all equal versions are one: 1, 1.0 and v1.0.0. Of what is no version
// the text in lower case.
std::string fold_version_text(std::string_view text);

// Requires-Python and its like: ">=3.8, !=3.9.*".
bool is_specifier_set(std::string_view text);

}  // namespace lodestone::formats::pypi
