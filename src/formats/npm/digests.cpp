// Base64 with padding, from the kind without.
#include "formats/npm/digests.hpp"

#include <algorithm>

#include "base/base64url.hpp"
#include "base/hex.hpp"

namespace lodestone::formats::npm {

namespace {

std::string render_one(const blobs::Digests& digests, std::string_view name) {
    if (name == "sha512") return render_integrity(digests);
    if (name == "sha1") return "sha1-" + render_base64(digests.find(DigestKind::sha1).value_or(""));
    if (name == "sha256")
        return "sha256-" +
               render_base64({reinterpret_cast<const char*>(digests.sha256.data()), digests.sha256.size()});
    return {};
}

}  // namespace

std::string render_base64(std::string_view bytes) {
    std::string text = render_base64url(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    while (text.size() % 4 != 0) text += '=';
    return text;
}

std::string render_integrity(const blobs::Digests& digests) {
    return "sha512-" + render_base64(digests.find(DigestKind::sha512).value_or(""));
}

std::string render_shasum(const blobs::Digests& digests) {
    const std::string bytes = digests.find(DigestKind::sha1).value_or("");
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

bool is_integrity_of(std::string_view said, const blobs::Digests& digests) {
    while (!said.empty()) {
        const std::size_t space = said.find(' ');
        std::string_view one = said.substr(0, space);
        said.remove_prefix(space == said.npos ? said.size() : space + 1);
        one = one.substr(0, one.find('?'));
        const std::string known = render_one(digests, one.substr(0, one.find('-')));
        if (!known.empty() && known != one) return false;
    }
    return true;
}

}  // namespace lodestone::formats::npm
