// Entry by entry. Clients strip the first folder of each path, whatever it is called.
#include "formats/npm/tarball.hpp"

#include <functional>
#include <optional>
#include <unordered_set>

#include "base/fold_case.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "formats/npm/package_json.hpp"
#include "packages/archive/archive_problem.hpp"

namespace lodestone::formats::npm {

namespace {

using packages::ArchiveEntry;
using packages::EntryKind;
using packages::EntryReader;

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(problems::invalid_input, "The tarball " + what + ".");
}

// Behind the first folder, which is "." to some clients where the name begins so. What stands beside it is
// left out by some, and to others it is what stands in it.
std::string_view without_folder(const ArchiveEntry& entry) {
    const std::size_t slash = entry.path.find('/');
    if (slash == entry.path.npos || entry.raw_path.starts_with("./"))
        refuse("has a file that is not in the folder of its package (" + packages::show_path(entry.raw_path) +
               "): pack it with npm pack");
    return std::string_view(entry.path).substr(slash + 1);
}

// File systems of some people tell "a" from neither "A" nor "a." and "a ".
std::string fold_path(std::string_view path) {
    std::string folded;
    for (const char c : fold_case(path)) {
        while (c == '/' && (folded.ends_with('.') || folded.ends_with(' '))) folded.pop_back();
        folded += c;
    }
    while (folded.ends_with('.') || folded.ends_with(' ')) folded.pop_back();
    return folded;
}

class Check {
  public:
    void visit(const ArchiveEntry& entry, EntryReader& reader) {
        if (entry.kind == EntryKind::folder) return;
        ++facts_.file_count;
        facts_.unpacked_bytes += entry.size_bytes;
        const std::string_view path = without_folder(entry);
        const std::string folded = fold_path(path);
        if (folded == "package.json" && package_) refuse("has two files called package.json at its top");
        if (!paths_.insert(std::hash<std::string>()(folded)).second)
            refuse("has two files that are one where it is unpacked (" + packages::show_path(entry.path) +
                   "): names that differ only in case, or in dots or spaces at their end, are one to some");
        if (path == "npm-shrinkwrap.json") facts_.has_shrinkwrap = true;
        if (is_readme(folded)) take_readme(path, reader);
        if (path != "package.json") return;
        package_ = parse_package_json(reader.read(limits::npm_package_json_bytes));
    }

    TarballFacts finish(std::string_view name, std::string_view version) {
        if (!package_) refuse("has no package.json");
        if (package_->name != name)
            refuse("holds the package " + package_->name + ", and is published as " + std::string(name));
        if (package_->version != version)
            refuse("holds version " + package_->version + ", and is published as " + std::string(version));
        facts_.has_install_script = package_->has_install_script;
        return std::move(facts_);
    }

  private:
    // Of several, the one that is written as most are.
    static bool is_readme(std::string_view folded) {
        return folded == "readme.md" || folded == "readme" || folded == "readme.markdown" ||
               folded == "readme.txt";
    }
    void take_readme(std::string_view path, EntryReader& reader) {
        if (!facts_.readme.empty() && fold_path(path) != "readme.md") return;
        facts_.readme_name = path;
        facts_.readme.clear();
        reader.read_pieces([this](std::string_view piece) {
            // A little more than is kept, so that whoever cuts sees where a character ends.
            facts_.readme += piece.substr(0, limits::npm_readme_bytes + 4 - facts_.readme.size());
        });
    }

    std::optional<PackageJson> package_;
    std::unordered_set<std::size_t> paths_;  // hashes of them
    TarballFacts facts_;
};

}  // namespace

TarballFacts check_tarball(packages::ReadAt read_at, std::uint64_t size_bytes, std::string_view name,
                           std::string_view version) {
    Check check;
    const packages::ArchiveSource source{
        .read_at = std::move(read_at), .size_bytes = size_bytes, .format = packages::ArchiveFormat::tar_gz};
    packages::read_archive(
        source, {.links = packages::LinkRule::refused},
        [&](const ArchiveEntry& entry, EntryReader& reader) { check.visit(entry, reader); });
    return check.finish(name, version);
}

}  // namespace lodestone::formats::npm
