// The server's TLS: one certificate and key, reloadable while connections run.
#pragma once

#include <openssl/types.h>

#include <atomic>
#include <memory>
#include <string>

namespace lodestone::http {

struct TlsOptions {
    std::string certificate_file;  // PEM, leaf first, then the chain
    std::string key_file;          // PEM
    bool allows_1_2 = true;        // besides 1.3
};

class TlsServer {
  public:
    // Throws Problem(invalid_input) that names the file and what is wrong with it.
    explicit TlsServer(const TlsOptions& options);
    ~TlsServer();

    // Reads the files, which may be others than before; on a Problem the old certificate stays in use.
    void reload(const TlsOptions& options);
    // For one handshake: keeps the context alive even when a reload happens meanwhile.
    std::shared_ptr<SSL_CTX> context() const;
    // When the certificate ends, in Unix seconds: for the metrics and a warning in the log.
    std::int64_t expires_at() const { return expires_at_.load(); }

  private:
    std::atomic<std::shared_ptr<SSL_CTX>> context_;
    std::atomic<std::int64_t> expires_at_{0};
};

}  // namespace lodestone::http
