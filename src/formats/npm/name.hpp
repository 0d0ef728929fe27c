// What npm packages, their files and their tags are called.
// https://github.com/npm/cli/blob/latest/docs/lib/content/configuring-npm/package-json.md#name
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lodestone::formats::npm {

// "left-pad" or "@scope/left-pad". Capitals count: packages from before 2014 have them.
bool is_package_name(std::string_view text);

// "left-pad" of "@scope/left-pad".
std::string_view without_scope(std::string_view name);
// "@scope" of "@scope/left-pad"; empty where there is none.
std::string_view scope_of(std::string_view name);

// Of "left-pad@1.0.0" the package: so addresses that name a version are about a package to the gate, too.
std::string fold_name(std::string_view text);

// What a version's tarball is called in addresses, whoever published it: "left-pad-1.0.0.tgz".
std::string tarball_name(std::string_view name, std::string_view version);

// The version of a file of that package: by its canonical name, or with the scope, as attachments have it.
// Nothing for what is neither.
std::optional<std::string_view> version_of_file(std::string_view name, std::string_view file,
                                                std::string_view extension = ".tgz");

// A tag is no version and no range of versions, since clients could not tell which is meant.
bool is_tag_name(std::string_view text);

}  // namespace lodestone::formats::npm
