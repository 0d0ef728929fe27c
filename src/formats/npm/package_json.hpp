// The package.json within a tarball: what clients find in the end, whatever the document that published it
// says.
// https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-json.md
#pragma once

#include <string>
#include <string_view>

namespace lodestone::formats::npm {

struct PackageJson {
    std::string name;
    std::string version;  // without its build, and without what clients strip from it: "v1.0.0"
    bool has_install_script = false;
};

// Throws Problem(invalid_input).
PackageJson parse_package_json(std::string_view text);

}  // namespace lodestone::formats::npm
