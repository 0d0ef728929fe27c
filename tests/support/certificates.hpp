// Certificates made for one test: an authority of our own and servers that it vouches for, or that it does
// not.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "base/ensure.hpp"

namespace lodestone::test {

using KeyPointer = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using CertificatePointer = std::unique_ptr<X509, void (*)(X509*)>;

struct LeafOptions {
    std::string names = "DNS:localhost,IP:127.0.0.1";  // as OpenSSL writes subjectAltName
    std::chrono::seconds starts = -std::chrono::hours(1);
    std::chrono::seconds ends = std::chrono::hours(1);
};

class Authority {
  public:
    explicit Authority(const std::string& name) : key_(make_key()), certificate_(X509_new(), X509_free) {
        fill(certificate_.get(), name, key_.get(), {});
        extend(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
        sign(certificate_.get(), certificate_.get());
    }
    void write_pem(const std::string& path) const {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"),
                                                                   std::fclose);
        ensure(file && PEM_write_X509(file.get(), certificate_.get()) == 1, "the certificate is written");
    }
    // A fresh certificate of this authority and its key, as an operator would configure them.
    void write_leaf(const std::string& certificate_path, const std::string& key_path,
                    const LeafOptions& options = {}) const {
        const auto key = make_key();
        const CertificatePointer leaf = make_leaf(key.get(), options);
        const std::unique_ptr<BIO, int (*)(BIO*)> certificate(BIO_new_file(certificate_path.c_str(), "w"),
                                                              BIO_free);
        ensure(PEM_write_bio_X509(certificate.get(), leaf.get()) == 1, "the certificate is written");
        const std::unique_ptr<BIO, int (*)(BIO*)> secret(BIO_new_file(key_path.c_str(), "w"), BIO_free);
        ensure(PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
               "the key is written");
        ensure(::chmod(key_path.c_str(), 0600) == 0, "the key is ours alone");
    }
    // A server's TLS with a fresh certificate of this authority.
    std::shared_ptr<SSL_CTX> make_server(const LeafOptions& options = {}) const {
        const auto key = make_key();
        const CertificatePointer leaf = make_leaf(key.get(), options);
        std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
        ensure(SSL_CTX_use_certificate(context.get(), leaf.get()) == 1, "the certificate is used");
        ensure(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1, "the key is used");
        return context;
    }

  private:
    CertificatePointer make_leaf(EVP_PKEY* key, const LeafOptions& options) const {
        CertificatePointer leaf(X509_new(), X509_free);
        fill(leaf.get(), "server", key, options);
        extend(leaf.get(), NID_subject_alt_name, options.names);
        sign(leaf.get(), certificate_.get());
        return leaf;
    }
    static KeyPointer make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }
    static void fill(X509* certificate, const std::string& name, EVP_PKEY* key, const LeafOptions& options) {
        X509_set_version(certificate, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++last_serial_);
        X509_gmtime_adj(X509_getm_notBefore(certificate), options.starts.count());
        X509_gmtime_adj(X509_getm_notAfter(certificate), options.ends.count());
        X509_set_pubkey(certificate, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    }
    static void extend(X509* certificate, int kind, const std::string& value) {
        X509V3_CTX context;
        X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
        ensure(extension != nullptr, "the extension is well formed");
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }
    void sign(X509* certificate, X509* issuer) const {
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
        ensure(X509_sign(certificate, key_.get(), EVP_sha256()) > 0, "the certificate is signed");
    }

    static inline long last_serial_ = 0;
    KeyPointer key_;
    CertificatePointer certificate_;
};

}  // namespace lodestone::test
