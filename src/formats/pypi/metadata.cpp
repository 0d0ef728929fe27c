// From lines to fields: a name, a colon, a text that goes on in lines that begin with a space.
#include "formats/pypi/metadata.hpp"

#include <algorithm>
#include <array>

#include "base/problem.hpp"
#include "base/python_limits.hpp"
#include "base/utf8.hpp"
#include "formats/pypi/characters.hpp"
#include "formats/pypi/names.hpp"

namespace lodestone::formats::pypi {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(problems::invalid_input, "The metadata " + what + ".");
}

// Those of which two would mean one thing to one reader and another to the next.
constexpr std::array<std::string_view, 16> single_fields{
    "metadata-version",         "name",      "version",      "summary",         "description",
    "description-content-type", "keywords",  "author",       "author-email",    "license",
    "license-expression",       "home-page", "download-url", "requires-python", "maintainer",
    "maintainer-email"};

std::string_view trim(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// The next line without its end; the text goes on behind it.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    // To some readers a line ends there, too.
    if (line.find('\r') != line.npos) refuse("has a carriage return within a line before its description");
    return line;
}

// What old tools put before the lines of a description that stands among the fields.
std::string_view without_indent(std::string_view line) {
    for (const std::string_view indent : {"       |", "        "})
        if (line.starts_with(indent)) return line.substr(indent.size());
    return trim(line);
}

std::pair<std::string, std::string> read_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) refuse("has a line that is no field before its first empty line");
    std::string name(line.substr(0, colon));
    if (!std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~'; }))
        refuse("has a field whose name is none");
    std::ranges::transform(name, name.begin(), to_lower);
    return {std::move(name), std::string(trim(line.substr(colon + 1)))};
}

void read_fields(std::string_view& text, CoreMetadata& metadata) {
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (line.empty()) return;
        if (line.front() == ' ' || line.front() == '\t') {
            if (metadata.fields.empty()) refuse("begins with a line that goes on");
            metadata.fields.back().second.append("\n").append(without_indent(line));
            continue;
        }
        if (metadata.fields.size() == limits::python_metadata_fields) refuse("has too many fields");
        metadata.fields.push_back(read_field(line));
    }
}

void check_single_fields(const CoreMetadata& metadata) {
    for (const std::string_view name : single_fields)
        if (std::ranges::count(metadata.fields, name,
                               [](const auto& field) { return std::string_view(field.first); }) > 1)
            refuse("has the field " + std::string(name) + " twice");
}

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text,
                               [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

void check_metadata_version(std::string_view version) {
    const std::size_t point = version.find('.');
    const bool is_version = point != version.npos &&
                            std::ranges::all_of(version.substr(0, point), is_digit) &&
                            std::ranges::all_of(version.substr(point + 1), is_digit);
    if (!is_version) refuse("has no Metadata-Version");
    // What a later major version means nobody can know.
    if (version.substr(0, point) != "1" && version.substr(0, point) != "2")
        refuse("is of a version that is not known here: 1.0 to 2.x are");
}

}  // namespace

std::string_view CoreMetadata::find(std::string_view name) const {
    const auto found =
        std::ranges::find(fields, name, [](const auto& field) { return std::string_view(field.first); });
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string_view> CoreMetadata::list(std::string_view name) const {
    std::vector<std::string_view> all;
    for (const auto& [known, value] : fields)
        if (known == name && !value.empty()) all.emplace_back(value);
    return all;
}

CoreMetadata parse_metadata(std::string_view bytes) {
    if (bytes.size() > limits::python_metadata_bytes) refuse("is larger than 1 MiB");
    static_assert(limits::python_metadata_bytes == limits::mib, "the sentence above says so");
    if (!is_utf8(bytes)) refuse("is not UTF-8");
    if (bytes.find('\0') != bytes.npos) refuse("has a zero byte in it");
    CoreMetadata metadata;
    std::string_view text = bytes;
    read_fields(text, metadata);
    check_single_fields(metadata);
    check_metadata_version(metadata.find("metadata-version"));
    metadata.project = metadata.find("name");
    if (!is_project_name(metadata.project)) refuse("has no Name that a project can have");
    auto version = parse_version(metadata.find("version"));
    if (!version) refuse("has no Version that PEP 440 knows");
    metadata.version = *std::move(version);
    const std::string_view python = metadata.find("requires-python");
    if (has_control_character(python) || !is_specifier_set(python))
        refuse("has a Requires-Python that is none");
    metadata.description = text.empty() ? std::string(metadata.find("description")) : std::string(text);
    return metadata;
}

void check_is_of(const CoreMetadata& metadata, std::string_view project, const PythonVersion& version) {
    if (fold_project_name(metadata.project) != fold_project_name(project))
        refuse("is of the project " + metadata.project + ", and the upload of " + std::string(project));
    if (compare_versions(metadata.version, version) != 0)
        refuse("is of version " + render_version(metadata.version) + ", and the upload of " +
               render_version(version));
}

std::vector<std::string> list_keywords(const CoreMetadata& metadata) {
    std::vector<std::string> words;
    const std::string_view text = metadata.find("keywords");
    const bool has_comma = text.find(',') != text.npos;
    std::string word;
    const auto end_word = [&] {
        if (const std::string_view trimmed = trim(word); !trimmed.empty()) words.emplace_back(trimmed);
        word.clear();
    };
    for (const char c : text) {
        const bool is_end = has_comma ? c == ',' : c == ' ' || c == '\t';
        if (is_end || c == '\n')
            end_word();
        else
            word += c;
    }
    end_word();
    return words;
}

std::vector<ProjectUrl> list_project_urls(const CoreMetadata& metadata) {
    std::vector<ProjectUrl> urls;
    for (const std::string_view text : metadata.list("project-url")) {
        const std::size_t comma = text.find(',');
        if (comma == text.npos) continue;
        urls.push_back({.label = std::string(trim(text.substr(0, comma))),
                        .url = std::string(trim(text.substr(comma + 1)))});
    }
    if (const std::string_view page = metadata.find("home-page"); !page.empty())
        urls.push_back({.label = "Homepage", .url = std::string(page)});
    if (const std::string_view page = metadata.find("download-url"); !page.empty())
        urls.push_back({.label = "Download", .url = std::string(page)});
    return urls;
}

}  // namespace lodestone::formats::pypi
