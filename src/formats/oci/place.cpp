// Names from paths, and headers that several answers have.
#include "formats/oci/place.hpp"

#include "base/image_limits.hpp"
#include "formats/oci/problems.hpp"

namespace lodestone::formats::oci {

Place place_of(const http::Request& request) {
    const std::string& image = request.parameter("image");
    if (!is_image_name(image))
        throw Problem(name_invalid,
                      "An image is called by lower-case letters and digits with . _ __ - between them, in "
                      "parts divided by slashes, 255 characters at most.");
    return {.tenant = TenantId::trusted(request.parameter("tenant")),
            .repository = packages::repository_of(request),
            .image = image};
}
static_assert(limits::image_name_bytes == 255, "the sentence above says so");

std::optional<ImageName> parse_full_name(std::string_view text) {
    const auto first = text.find('/');
    const auto second = text.find('/', first == text.npos ? text.size() : first + 1);
    if (second == text.npos) return std::nullopt;
    const std::string_view tenant = text.substr(0, first);
    const std::string_view repository = text.substr(first + 1, second - first - 1);
    const std::string_view image = text.substr(second + 1);
    if (!is_id_text(tenant) || !is_image_name(image)) return std::nullopt;
    if (!packages::is_repository_name(repository) && !is_id_text(repository)) return std::nullopt;
    return ImageName{.tenant = TenantId::trusted(std::string(tenant)),
                     .repository = std::string(repository),
                     .image = std::string(image)};
}

ContentDigest need_digest(std::string_view text) {
    auto digest = parse_content_digest(text);
    if (!digest)
        throw Problem(digest_invalid,
                      "A digest is sha256: or sha512: and as many lower-case hexadecimal digits as it has.");
    return *std::move(digest);
}

void add_warning(http::Response& response, std::string_view text) {
    std::string quoted;
    for (const char c : text.substr(0, limits::warning_bytes)) {
        const bool is_plain = c >= ' ' && c <= '~';
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += is_plain ? c : '?';
    }
    response.headers.add("Warning", "299 - \"" + quoted + '"');
}

void add_next_link(http::Response& response, std::string_view url) {
    response.headers.set("Link", '<' + std::string(url) + ">; rel=\"next\"");
}

}  // namespace lodestone::formats::oci
