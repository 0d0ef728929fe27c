// The path that an uploader was given, as it asks about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lodestone::formats::pypi {

// "/pypi/acme/python" of "/pypi/acme/python/legacy/", whether there is such a repository or not; nothing: no
// package is uploaded there.
std::optional<std::string> parse_upload_path(std::string_view path);

}  // namespace lodestone::formats::pypi
