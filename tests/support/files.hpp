// What tests read from the disk: testdata beside the code.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::test {

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::filesystem::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

// Found from where the test program is, which stands in a build folder of the repository: a path that was
// compiled in would make every checkout compile its tests anew.
inline std::filesystem::path source_path(const std::string& relative) {
    static const std::filesystem::path root = [] {
        std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
        while (!std::filesystem::exists(folder / "CMakePresets.json")) {
            if (folder == folder.root_path()) throw std::runtime_error("this program is in no checkout");
            folder = folder.parent_path();
        }
        return folder;
    }();
    return root / relative;
}

// The files of a corpus folder, by name.
inline std::vector<std::filesystem::path> list_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace lodestone::test
