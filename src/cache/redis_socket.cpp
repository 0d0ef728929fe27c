// Non-blocking sockets, and poll(2) in between. OpenSSL works on the socket itself.
#include "cache/redis_socket.hpp"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/redis_limits.hpp"
#include "base/socket_wait.hpp"

namespace lodestone::cache {

namespace {

std::string words_of(int error) {
    return std::generic_category().message(error);
}

std::shared_ptr<SSL_CTX> make_trust(const std::string& ca_file) {
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (!context) return nullptr;
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_default_verify_paths(context.get());
    const bool is_read = ca_file.empty() || SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) == 1;
    ERR_clear_error();
    return is_read ? context : nullptr;
}

// The name, or the address, that the certificate has to be for.
bool expect_host(SSL* tls, const std::string& host) {
    X509_VERIFY_PARAM* const expected = SSL_get0_param(tls);
    if (X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1) return true;
    ERR_clear_error();
    return SSL_set_tlsext_host_name(tls, host.c_str()) == 1 && SSL_set1_host(tls, host.c_str()) == 1;
}

std::string tls_fault(const SSL* tls) {
    const long verdict = SSL_get_verify_result(tls);
    if (verdict != X509_V_OK)
        return std::string("its certificate is refused: ") + X509_verify_cert_error_string(verdict);
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    return std::string("TLS failed: ") + (reason == nullptr ? "the connection was closed" : reason);
}

}  // namespace

bool RedisSocket::wait(Wanted wanted, SteadyTime until) const {
    const short events = wanted == Wanted::reading ? POLLIN : POLLOUT;
    return wait_for_socket(socket_.value(), events, clock_, until, stop_) != 0;
}

std::optional<Fault> RedisSocket::connect(const RedisUrl& url, const std::string& ca_file,
                                          RedisLookup& lookup) {
    const RedisAddresses addresses =
        lookup.find(url.host, url.port, clock_, clock_.steady_now() + limits::redis_connect_timeout, stop_);
    if (!addresses.fault.empty()) return addresses.fault;
    Fault fault = "the host has no address";
    for (const auto& [family, name] : addresses.found) {
        const SteadyTime until = clock_.steady_now() + limits::redis_connect_timeout;
        socket_.reset(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!socket_.is_open()) return "no socket: " + words_of(errno);
        const int begun = ::connect(socket_.value(), reinterpret_cast<const sockaddr*>(name.data()),
                                    static_cast<socklen_t>(name.size()));
        if (begun != 0 && errno != EINPROGRESS) {
            fault = words_of(errno);
            continue;
        }
        if (!wait(Wanted::writing, until)) {
            fault = "no answer within the time for connecting";
            continue;
        }
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket_.value(), SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) {
            fault = words_of(error);
            continue;
        }
        const int on = 1;
        ::setsockopt(socket_.value(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!url.is_tls) return std::nullopt;
        const auto refused = begin_tls(url, ca_file, until);
        if (!refused) return std::nullopt;
        fault = *refused;
    }
    return fault;
}

std::optional<RedisSocket::Wanted> RedisSocket::wanted_by_tls(int result) const {
    const int error = SSL_get_error(tls_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return Wanted::reading;
    if (error == SSL_ERROR_WANT_WRITE) return Wanted::writing;
    return std::nullopt;
}

std::optional<Fault> RedisSocket::begin_tls(const RedisUrl& url, const std::string& ca_file,
                                            SteadyTime until) {
    const std::shared_ptr<SSL_CTX> trust = make_trust(ca_file);
    if (!trust) return "no certificates can be read from " + ca_file;
    tls_.reset(SSL_new(trust.get()), SSL_free);
    if (!tls_ || SSL_set_fd(tls_.get(), socket_.value()) != 1 || !expect_host(tls_.get(), url.host))
        return Fault("TLS cannot begin");
    while (true) {
        ERR_clear_error();
        const int result = SSL_connect(tls_.get());
        if (result == 1) return std::nullopt;
        const auto wanted = wanted_by_tls(result);
        if (!wanted) return tls_fault(tls_.get());
        if (!wait(*wanted, until)) return Fault("no TLS within the time for connecting");
    }
}

std::optional<Fault> RedisSocket::send(std::string_view bytes, SteadyTime until) {
    while (!bytes.empty()) {
        Wanted wanted = Wanted::writing;
        ssize_t sent = 0;
        if (tls_) {
            ERR_clear_error();
            sent = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
            const auto tls_wants = sent > 0 ? wanted : wanted_by_tls(static_cast<int>(sent));
            if (!tls_wants) return tls_fault(tls_.get());
            wanted = *tls_wants;
        } else {
            sent = ::send(socket_.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno != EAGAIN && errno != EINTR) return words_of(errno);
        }
        if (sent > 0)
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        else if (!wait(wanted, until))
            return Fault("it takes nothing any more");
    }
    return std::nullopt;
}

std::optional<Fault> RedisSocket::receive(std::string& out, SteadyTime until) {
    std::array<char, 16 * limits::kib> buffer;
    while (true) {
        Wanted wanted = Wanted::reading;
        ssize_t got = 0;
        if (tls_) {
            ERR_clear_error();
            got = SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()));
            const auto tls_wants = got > 0 ? wanted : wanted_by_tls(static_cast<int>(got));
            if (!tls_wants) return tls_fault(tls_.get());
            wanted = *tls_wants;
        } else {
            got = ::recv(socket_.value(), buffer.data(), buffer.size(), 0);
            if (got == 0) return Fault("it closed the connection");
            if (got < 0 && errno != EAGAIN && errno != EINTR) return words_of(errno);
        }
        if (got > 0) {
            out.append(buffer.data(), static_cast<std::size_t>(got));
            return std::nullopt;
        }
        if (!wait(wanted, until)) return std::nullopt;
    }
}

}  // namespace lodestone::cache
