// A target is followed by its letters alone. That is enough, because nothing lies below a link, and because a
// target goes up at its beginning only, where all folders are real ones.
#include "packages/archive/archive_links.hpp"

#include <algorithm>

#include "base/package_limits.hpp"
#include "packages/archive/archive_path.hpp"
#include "packages/archive/archive_problem.hpp"

namespace lodestone::packages {

namespace {

[[noreturn]] void refuse_link(const ArchiveEntry& entry, std::string_view why) {
    refuse_archive("has a link that " + std::string(why) + " (" + show_path(entry.path) + ")");
}

// Where files are unpacked, "A" may be "a".
std::string fold_case(std::string_view path) {
    std::string folded(path);
    for (char& c : folded)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return folded;
}

std::string_view top_of(std::string_view path) {
    const std::size_t slash = path.find('/');
    return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

// From the folder that the link is in, as far up as the top folder.
void check_symlink(const ArchiveEntry& entry) {
    const std::string_view target = entry.target;
    const bool has_drive = target.size() > 1 && target[1] == ':';
    if (target.empty() || target.front() == '/' || has_drive || target.find('\\') != target.npos ||
        target.size() > limits::archive_path_bytes)
        refuse_link(entry, "leads out of its archive");
    const auto folders = static_cast<std::size_t>(std::ranges::count(entry.path, '/'));
    std::size_t ups = folders > 0 ? folders - 1 : 0;
    bool is_going_down = false;
    for (std::string_view rest = target; !rest.empty();) {
        const std::size_t slash = std::min(rest.find('/'), rest.size());
        const std::string_view segment = rest.substr(0, slash);
        rest.remove_prefix(std::min(slash + 1, rest.size()));
        if (segment.empty() || segment == ".") continue;
        if (segment != "..")
            is_going_down = true;
        else if (is_going_down || ups-- == 0)
            refuse_link(entry, "leads out of its folder");
    }
}

// From the beginning of the archive.
std::string check_hardlink(const ArchiveEntry& entry) {
    std::string target = check_archive_path(entry.target);
    if (target.empty() || top_of(target) != top_of(entry.path)) refuse_link(entry, "leads out of its folder");
    return target;
}

}  // namespace

void LinkWatch::check_is_beside_links(const ArchiveEntry& entry, std::string_view path) const {
    if (links_.empty()) return;
    const std::string folded = fold_case(path);
    for (std::size_t end = folded.find('/');; end = folded.find('/', end + 1)) {
        if (links_.contains(std::string_view(folded).substr(0, end)))
            refuse_archive("has an entry in place of a link, or below one (" + show_path(entry.path) + ")");
        if (end == folded.npos) return;
    }
}

void LinkWatch::check(const ArchiveEntry& entry) {
    if (entry.kind == EntryKind::other)
        refuse_archive("has an entry that is no file, folder or link (" + show_path(entry.path) + ")");
    check_is_beside_links(entry, entry.path);
    if (entry.kind != EntryKind::symlink && entry.kind != EntryKind::hardlink) return;
    if (rule_ == LinkRule::refused) refuse_link(entry, "is not taken here");
    if (entry.kind == EntryKind::hardlink) return check_is_beside_links(entry, check_hardlink(entry));
    check_symlink(entry);
    if (links_.size() == limits::archive_links) refuse_archive("has more links than are taken here");
    links_.insert(fold_case(entry.path));
}

}  // namespace lodestone::packages
