// OpenSSL's settings for connections that we open.
#include "http/client/client_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <stdexcept>

#include "base/ensure.hpp"

namespace lodestone::http {

namespace {

std::shared_ptr<SSL_CTX> make_context() {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    ensure(context != nullptr, "SSL_CTX_new failed");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // A write that the socket took in part goes on from another buffer; idle connections keep no buffers.
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context.get(), protocols.data(), protocols.size());
    return context;
}

// Instead of OpenSSL's own verification, names and dates included.
int is_pinned(X509_STORE_CTX* shown, void* pinned) {
    const bool is_same = X509_cmp(X509_STORE_CTX_get0_cert(shown), static_cast<const X509*>(pinned)) == 0;
    if (!is_same) X509_STORE_CTX_set_error(shown, X509_V_ERR_CERT_UNTRUSTED);
    return is_same ? 1 : 0;
}

}  // namespace

std::shared_ptr<SSL_CTX> make_client_tls(const std::string& extra_ca_file) {
    std::shared_ptr<SSL_CTX> context = make_context();
    // A machine without a store still has the extra file.
    SSL_CTX_set_default_verify_paths(context.get());
    if (!extra_ca_file.empty() && SSL_CTX_load_verify_file(context.get(), extra_ca_file.c_str()) != 1) {
        ERR_clear_error();
        throw std::runtime_error("No certificates could be read from the CA file " + extra_ca_file + ".");
    }
    ERR_clear_error();
    return context;
}

std::shared_ptr<SSL_CTX> make_pinned_tls(std::shared_ptr<X509> leaf) {
    std::shared_ptr<SSL_CTX> context = make_context();
    SSL_CTX_set_cert_verify_callback(context.get(), is_pinned, leaf.get());
    SSL_CTX* const kept = context.get();
    return {kept, [context = std::move(context), leaf = std::move(leaf)](SSL_CTX*) {}};
}

}  // namespace lodestone::http
