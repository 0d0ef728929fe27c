// The files behind TLS: a certificate and its private key, in PEM. The configuration's check and the server
// read them the same way.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

namespace lodestone::http {

// Either the object or one clause that says why there is none ("holds no certificate in PEM").
template <class T>
struct PemObject {
    std::shared_ptr<T> value;
    std::string fault;
};

// The first one in the file: the leaf.
PemObject<X509> read_certificate(const std::string& path);
// Refused when others than its owner can read it, as every secret, and when it needs a passphrase: nobody is
// there to type one.
PemObject<EVP_PKEY> read_private_key(const std::string& path);

}  // namespace lodestone::http
