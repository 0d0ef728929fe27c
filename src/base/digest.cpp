// OpenSSL's, which uses the processor's own instructions where there are any.
#include "base/digest.hpp"

#include <openssl/evp.h>

#include "base/ensure.hpp"

namespace lodestone {

void Sha256Digest::End::operator()(EVP_MD_CTX* context) const {
    EVP_MD_CTX_free(context);
}

Sha256Digest::Sha256Digest() : context_(EVP_MD_CTX_new()) {
    ensure(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "SHA-256 is there");
}

void Sha256Digest::add(std::string_view bytes) {
    ensure(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1, "SHA-256 takes all bytes");
}

Sha256 Sha256Digest::finish() {
    Sha256 digest;
    ensure(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1, "SHA-256 has an end");
    return digest;
}

}  // namespace lodestone
