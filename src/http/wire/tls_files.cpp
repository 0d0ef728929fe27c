// PEM by OpenSSL, from bytes that we read ourselves: its own messages hide why a file cannot be opened.
#include "http/wire/tls_files.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/limits.hpp"
#include "base/secret_file.hpp"

namespace lodestone::http {

namespace {

// Answers every question for a passphrase with none, instead of asking on the terminal.
int refuse_passphrase(char*, int, int, void*) {
    return 0;
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

Bio open_text(const std::string& text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

}  // namespace

PemObject<X509> read_certificate(const std::string& path) {
    const FileText file = read_file(path, limits::config_file_bytes);
    if (!file.text) return {nullptr, file.fault};
    const Bio bio = open_text(*file.text);
    std::shared_ptr<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, refuse_passphrase, nullptr),
                                      X509_free);
    ERR_clear_error();
    return {certificate, certificate ? "" : "holds no certificate in PEM"};
}

PemObject<EVP_PKEY> read_private_key(const std::string& path) {
    const FileText file = read_secret_file(path);
    if (!file.text) return {nullptr, file.fault};
    const Bio bio = open_text(*file.text);
    std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, nullptr),
                                  EVP_PKEY_free);
    ERR_clear_error();
    return {key, key ? "" : "holds no private key in PEM without a passphrase"};
}

}  // namespace lodestone::http
