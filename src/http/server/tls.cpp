// Loading a certificate and its key into an OpenSSL context, with errors that a person can act on.
#include "http/server/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "http/wire/tls_files.hpp"

namespace lodestone::http {

namespace {

std::string last_tls_error() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    ERR_clear_error();
    return text.data();
}

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(problems::invalid_input, what + ".");
}

// We speak HTTP/1.1; a client that offers only others goes on without ALPN rather than being cut off.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*) {
    static constexpr unsigned char ours[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, in, in_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

std::int64_t certificate_end(const SSL_CTX* context) {
    std::tm ends{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context)), &ends) != 1) return 0;
    return timegm(&ends);
}

std::shared_ptr<SSL_CTX> load(const TlsOptions& options) {
    const std::string certificate_name = "The TLS certificate " + options.certificate_file;
    const std::string key_name = "The TLS key " + options.key_file;
    if (const auto leaf = read_certificate(options.certificate_file); !leaf.value)
        refuse(certificate_name + " " + leaf.fault);
    const auto key = read_private_key(options.key_file);
    if (!key.value) refuse(key_name + " " + key.fault);
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    ensure(context != nullptr, "SSL_CTX_new failed");
    SSL_CTX_set_min_proto_version(context.get(), options.allows_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                           SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    // An idle connection gives its record buffers back; a write may go on from another address after a retry.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("lodestone"), 9);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate_file.c_str()) != 1)
        refuse(certificate_name + " is not a PEM certificate chain: " + last_tls_error());
    if (SSL_CTX_use_PrivateKey(context.get(), key.value.get()) != 1)
        refuse(key_name + " is not the certificate's private key: " + last_tls_error());
    return context;
}

}  // namespace

TlsServer::TlsServer(const TlsOptions& options) {
    reload(options);
}

TlsServer::~TlsServer() = default;

void TlsServer::reload(const TlsOptions& options) {
    auto context = load(options);
    expires_at_.store(certificate_end(context.get()));
    context_.store(std::move(context));
}

std::shared_ptr<SSL_CTX> TlsServer::context() const {
    return context_.load();
}

}  // namespace lodestone::http
