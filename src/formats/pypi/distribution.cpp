// Names of files: project, version and, of wheels, for which Python they are.
#include "formats/pypi/distribution.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <vector>

#include "base/problem.hpp"
#include "base/python_limits.hpp"
#include "formats/pypi/characters.hpp"
#include "formats/pypi/names.hpp"

namespace lodestone::formats::pypi {

namespace {

using Kind = Distribution::Kind;

// The name is shown: what cannot be in one is told apart before.
[[noreturn]] void refuse(std::string_view file_name, std::string_view why) {
    throw Problem(problems::invalid_input,
                  "The file name " + std::string(file_name) + " " + std::string(why));
}

bool is_name_character(char c) {
    return is_alphanumeric(c) || is_separator(c) || c == '+' || c == '!';
}

std::vector<std::string_view> split_at_hyphens(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t hyphen = text.find('-'); hyphen != text.npos; hyphen = text.find('-')) {
        parts.push_back(text.substr(0, hyphen));
        text.remove_prefix(hyphen + 1);
    }
    parts.push_back(text);
    return parts;
}

bool is_tag(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_' || c == '.'; });
}

Distribution describe(std::string_view file_name, Kind kind, std::string_view project,
                      std::string_view version) {
    if (!is_project_name(project)) refuse(file_name, "does not begin with the name of a project.");
    auto parsed = parse_version(version);
    if (!parsed) refuse(file_name, "has no version that PEP 440 knows behind the name of the project.");
    return {.kind = kind,
            .project = std::string(project),
            .version = *std::move(parsed),
            .python_tag = "source",
            .identity = "sdist"};
}

// "py3.py2" is what "PY2.py3" is: a set, in any case.
std::string fold_tags(std::string_view text) {
    std::set<std::string> tags;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('.'), text.size());
        std::string tag(text.substr(0, end));
        std::ranges::transform(tag, tag.begin(), to_lower);
        if (!tag.empty()) tags.insert(std::move(tag));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::string folded;
    for (const std::string& tag : tags) folded += (folded.empty() ? "" : ".") + tag;
    return folded;
}

// A number and what follows it, as builds are compared: "01b" is "1b".
std::string fold_build(std::string_view text) {
    while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
    return std::string(text);
}

Distribution parse_wheel(std::string_view file_name, std::string_view stem) {
    const std::vector<std::string_view> parts = split_at_hyphens(stem);
    if (parts.size() != 5 && parts.size() != 6)
        refuse(file_name, "is not what wheels are called: NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl.");
    Distribution wheel = describe(file_name, Kind::wheel, parts[0], parts[1]);
    const auto tags = std::span(parts).last(3);
    if (!std::ranges::all_of(tags, is_tag)) refuse(file_name, "has a tag that is none.");
    if (parts.size() == 6 && (!is_tag(parts[2]) || !is_digit(parts[2].front())))
        refuse(file_name, "has a build tag that does not begin with a digit.");
    wheel.python_tag = tags.front();
    wheel.identity = parts.size() == 6 ? fold_build(parts[2]) : std::string();
    for (const std::string_view tag : tags) wheel.identity += '-' + fold_tags(tag);
    return wheel;
}

Distribution parse_sdist(std::string_view file_name, std::string_view stem, Kind kind) {
    const std::size_t hyphen = stem.rfind('-');
    if (hyphen == stem.npos) refuse(file_name, "is not what sdists are called: NAME-VERSION.tar.gz.");
    return describe(file_name, kind, stem.substr(0, hyphen), stem.substr(hyphen + 1));
}

}  // namespace

Distribution parse_distribution(std::string_view file_name) {
    if (file_name.empty() || file_name.size() > limits::python_file_name_bytes ||
        !std::ranges::all_of(file_name, is_name_character))
        throw Problem(problems::invalid_input,
                      "A file is called by 1 to 255 letters and digits and . _ - + !: build it with a tool "
                      "that does so.");
    static_assert(limits::python_file_name_bytes == 255, "the sentence above says so");
    const auto without = [&](std::string_view ending) {
        return file_name.substr(0, file_name.size() - ending.size());
    };
    if (file_name.ends_with(".whl")) return parse_wheel(file_name, without(".whl"));
    if (file_name.ends_with(".tar.gz")) return parse_sdist(file_name, without(".tar.gz"), Kind::tar_gz);
    if (file_name.ends_with(".zip")) return parse_sdist(file_name, without(".zip"), Kind::zip);
    refuse(file_name, "ends neither in .whl nor in .tar.gz or .zip: build a wheel or an sdist.");
}

std::string fold_file_name(std::string_view file_name) {
    std::string folded;
    const auto refused = find_problem([&] { folded = parse_distribution(file_name).identity; });
    return refused ? std::string(file_name) : folded;
}

}  // namespace lodestone::formats::pypi
