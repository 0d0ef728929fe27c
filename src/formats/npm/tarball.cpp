// Entry by entry. Clients strip the first folder of each path, whatever it is called.
#include "formats/npm/tarball.hpp"

#include <optional>

#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "formats/npm/package_json.hpp"

namespace lodestone::formats::npm {

namespace {

using packages::ArchiveEntry;
using packages::EntryKind;
using packages::EntryReader;

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(problems::invalid_input, "The tarball " + what + ".");
}

// Behind the first folder; empty for the folder itself and what stands beside it.
std::string_view without_folder(std::string_view path) {
    const std::size_t slash = path.find('/');
    return slash == path.npos ? std::string_view() : path.substr(slash + 1);
}

class Check {
  public:
    void visit(const ArchiveEntry& entry, EntryReader& reader) {
        if (entry.kind == EntryKind::folder) return;
        ++facts_.file_count;
        facts_.unpacked_bytes += entry.size_bytes;
        const std::string_view path = without_folder(entry.path);
        if (path == "npm-shrinkwrap.json") facts_.has_shrinkwrap = true;
        if (path != "package.json") return;
        if (package_) refuse("has two files called package.json at its top");
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
    std::optional<PackageJson> package_;
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
