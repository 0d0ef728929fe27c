// Where the metadata stands:
// https://packaging.python.org/en/latest/specifications/binary-distribution-format/#the-dist-info-directory
// https://packaging.python.org/en/latest/specifications/source-distribution-format/
#include "formats/pypi/content.hpp"

#include <optional>

#include "base/problem.hpp"
#include "base/python_limits.hpp"
#include "formats/pypi/names.hpp"

namespace lodestone::formats::pypi {

namespace {

using packages::ArchiveEntry;
using packages::EntryKind;

struct Found {
    std::string folder;  // in which the metadata stands
    std::optional<std::string> metadata;
    std::string info_folder;  // of a wheel, whatever stands in it
    bool has_wheel = false;
};

[[noreturn]] void refuse(const std::string& sentence) {
    throw Problem(problems::invalid_input, sentence);
}

// "a" and "b" of "a/b"; nothing for what stands elsewhere.
struct TopEntry {
    std::string_view folder;
    std::string_view name;
};
std::optional<TopEntry> split_top(std::string_view path) {
    const std::size_t slash = path.find('/');
    if (slash == path.npos || path.find('/', slash + 1) != path.npos) return std::nullopt;
    return TopEntry{path.substr(0, slash), path.substr(slash + 1)};
}

// A link in its place would show every reader what it wants.
void take_metadata(Found& found, const TopEntry& at, const ArchiveEntry& entry,
                   packages::EntryReader& content) {
    if (entry.kind != EntryKind::file) refuse("The file " + entry.path + " of the archive is no plain file.");
    if (found.metadata)
        refuse("The archive has its metadata twice: as " + found.folder + "/" + std::string(at.name) +
               " and as " + entry.path + ".");
    found.folder = at.folder;
    found.metadata = content.read(limits::python_metadata_bytes);
}

// Of two such folders each tool takes another one.
void look_at_wheel(Found& found, const ArchiveEntry& entry, packages::EntryReader& content) {
    const std::string_view top = std::string_view(entry.path).substr(0, entry.path.find('/'));
    if (!top.ends_with(".dist-info")) return;
    if (found.info_folder.empty()) found.info_folder = top;
    if (found.info_folder != top)
        refuse("The wheel has two folders that end in .dist-info: " + found.info_folder + " and " +
               std::string(top) + ".");
    const auto at = split_top(entry.path);
    if (!at) return;
    if (at->name == "METADATA") take_metadata(found, *at, entry, content);
    if (at->name == "WHEEL") found.has_wheel = true;
}

void look_at_sdist(Found& found, const ArchiveEntry& entry, packages::EntryReader& content) {
    const auto at = split_top(entry.path);
    if (at && at->name == "PKG-INFO") take_metadata(found, *at, entry, content);
}

// "name-1.0", as the folder is called that the metadata stands in; the name may have been spelled otherwise.
void check_folder(std::string_view folder, const Distribution& distribution) {
    if (distribution.is_wheel()) folder.remove_suffix(std::string_view(".dist-info").size());
    const std::size_t hyphen = folder.rfind('-');
    const bool is_same =
        hyphen != folder.npos &&
        fold_project_name(folder.substr(0, hyphen)) == fold_project_name(distribution.project) &&
        fold_version_text(folder.substr(hyphen + 1)) == fold_version(distribution.version);
    if (!is_same)
        refuse("The archive has its metadata in the folder " + std::string(folder) +
               ", which is not what its file name says.");
}

}  // namespace

std::string read_metadata(const packages::ReadAt& read_at, std::uint64_t size_bytes,
                          const Distribution& distribution) {
    const packages::ArchiveSource source{.read_at = read_at,
                                         .size_bytes = size_bytes,
                                         .format = distribution.kind == Distribution::Kind::tar_gz
                                                       ? packages::ArchiveFormat::tar_gz
                                                       : packages::ArchiveFormat::zip};
    packages::ArchiveLimits allowed;
    allowed.links = distribution.is_wheel() ? packages::LinkRule::refused : packages::LinkRule::inside;
    if (!distribution.is_wheel()) allowed.unpacked_bytes = limits::python_sdist_bytes;
    Found found;
    packages::read_archive(source, allowed, [&](const ArchiveEntry& entry, packages::EntryReader& content) {
        if (distribution.is_wheel())
            look_at_wheel(found, entry, content);
        else
            look_at_sdist(found, entry, content);
    });
    if (!found.metadata)
        refuse(distribution.is_wheel() ? "The wheel has no METADATA in a folder that ends in .dist-info."
                                       : "The sdist has no PKG-INFO in its folder.");
    if (distribution.is_wheel() && !found.has_wheel)
        refuse("The wheel has no file WHEEL beside its METADATA.");
    check_folder(found.folder, distribution);
    return *std::move(found.metadata);
}

}  // namespace lodestone::formats::pypi
