// What is signed, and how it is written.
#include "formats/npm/signing.hpp"

#include "base/digest.hpp"
#include "formats/npm/digests.hpp"

namespace lodestone::formats::npm {

const identity::SigningKey& find_signing_key(const identity::SigningKeys& keys) {
    return keys.find("npm signing key");
}

std::string render_key_id(const identity::SigningKey& key) {
    Sha256Digest digest;
    digest.add(key.public_key());
    const Sha256 sum = digest.finish();
    return "SHA256:" + render_base64({reinterpret_cast<const char*>(sum.data()), sum.size()});
}

std::string sign_version(const identity::SigningKey& key, std::string_view name, std::string_view version,
                         std::string_view integrity) {
    return render_base64(
        key.sign(std::string(name).append("@").append(version).append(":").append(integrity)));
}

}  // namespace lodestone::formats::npm
