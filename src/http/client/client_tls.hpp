// The trust that our own connections to others rest on.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>

namespace lodestone::http {

// The system's certificate authorities and those of a PEM file beside them (empty: none). Peers are always
// verified, TLS is 1.2 or later, HTTP/1.1 is what we offer. Throws std::runtime_error when the file cannot be
// read. Connections are shared between requests that hold the same context, so keep it and pass it on.
std::shared_ptr<SSL_CTX> make_client_tls(const std::string& extra_ca_file);

// Trusts this one certificate, whatever name it is for and whoever signed it, and no other.
std::shared_ptr<SSL_CTX> make_pinned_tls(std::shared_ptr<X509> leaf);

}  // namespace lodestone::http
