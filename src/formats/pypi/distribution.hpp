// Names of files: https://packaging.python.org/en/latest/specifications/binary-distribution-format/ (wheels)
// and …/source-distribution-format/ (sdists).
#pragma once

#include <string>
#include <string_view>

#include "formats/pypi/version.hpp"

namespace lodestone::formats::pypi {

struct Distribution {
    enum class Kind : std::uint8_t { wheel, tar_gz, zip };
    Kind kind{};
    std::string project;  // as the file spells it
    PythonVersion version;
    std::string python_tag;  // of a wheel: "cp312"; otherwise "source"
    // Which of the version's files installers take it for: build and tags of a wheel, however they are
    // written; all sdists are one.
    std::string identity;

    bool is_wheel() const { return kind == Kind::wheel; }
    bool operator==(const Distribution&) const = default;
};

// Throws Problem(invalid_input) for what is neither "name-1.0-py3-none-any.whl" nor "name-1.0.tar.gz", or
// .zip in place of that.
Distribution parse_distribution(std::string_view file_name);

// What a file is within its version (Distribution::identity). Takes any text: what is no such name is itself.
std::string fold_file_name(std::string_view file_name);

}  // namespace lodestone::formats::pypi
