// Paths of uploads, told from those of everything else.
#include "formats/pypi/upload_path.hpp"

#include "base/problem.hpp"
#include "http/message/path.hpp"

namespace lodestone::formats::pypi {

std::optional<std::string> parse_upload_path(std::string_view path) {
    http::Path parsed;
    if (!path.starts_with('/') || find_problem([&] { parsed = http::parse_path(path); })) return std::nullopt;
    const auto& segments = parsed.segments;
    const bool is_upload = (segments.size() == 3 || (segments.size() == 4 && segments[3].text == "legacy")) &&
                           segments[0].text == "pypi" && !segments[1].has_encoded_slash &&
                           !segments[2].has_encoded_slash;
    if (!is_upload) return std::nullopt;
    return "/pypi/" + http::encode_path_text(segments[1].text) + '/' +
           http::encode_path_text(segments[2].text);
}

}  // namespace lodestone::formats::pypi
