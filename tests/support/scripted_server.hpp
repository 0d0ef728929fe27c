// A TCP or TLS server for tests of the client: each connection runs a script with blocking sockets on a
// thread of its own, so that every byte and every close is the test's choice.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/ensure.hpp"
#include "base/unique_fd.hpp"

namespace lodestone::test {

class ScriptedPeer {
  public:
    ScriptedPeer(int fd, std::size_t index, SSL* ssl) : fd_(fd), index_(index), ssl_(ssl) {}

    std::size_t index() const { return index_; }  // the number of this connection, from 0
    SSL* tls() const { return ssl_; }
    // Up to and with the empty line; empty when the client closed instead.
    std::string read_head() { return read_until("\r\n\r\n"); }
    std::string read_until(std::string_view end) {
        while (true) {
            if (const auto at = input_.find(end); at != input_.npos) return take(at + end.size());
            if (!read_more()) return {};
        }
    }
    std::string read_bytes(std::size_t size_bytes) {
        while (input_.size() < size_bytes)
            if (!read_more()) return {};
        return take(size_bytes);
    }
    // Until the client closes.
    void wait_closed() {
        while (read_more()) input_.clear();
    }
    // Whether the client has closed the connection, or does within that time.
    bool is_closed_within(std::chrono::milliseconds time) {
        pollfd wanted{.fd = fd_, .events = POLLIN | POLLRDHUP, .revents = 0};
        return ::poll(&wanted, 1, static_cast<int>(time.count())) > 0 && !read_more();
    }
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                              : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    void answer(std::string_view body, std::string_view status = "200 OK", std::string_view fields = {}) {
        send("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) +
             "\r\n" + std::string(fields) + "\r\n" + std::string(body));
    }
    void close_orderly() {
        if (ssl_ != nullptr) SSL_shutdown(ssl_);
        ::shutdown(fd_, SHUT_WR);
    }
    // Closing with this set resets the connection instead of ending it.
    void reset_on_close() {
        const linger at_once{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }

  private:
    bool read_more() {
        char buffer[16384];
        const auto got =
            ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof buffer) : ::recv(fd_, buffer, sizeof buffer, 0);
        if (got > 0) input_.append(buffer, static_cast<std::size_t>(got));
        return got > 0;
    }
    std::string take(std::size_t size_bytes) {
        auto taken = input_.substr(0, size_bytes);
        input_.erase(0, size_bytes);
        return taken;
    }

    int fd_;
    std::size_t index_;
    SSL* ssl_;
    std::string input_;
};

class ScriptedServer {
  public:
    using Script = std::function<void(ScriptedPeer&)>;

    // The connection is closed when its script returns.
    explicit ScriptedServer(Script script, SSL_CTX* tls = nullptr)
        : script_(std::move(script)), tls_(tls), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        ::signal(SIGPIPE, SIG_IGN);  // of who refuses its certificate, and is gone while it is answered
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof name;
        auto* const generic = reinterpret_cast<sockaddr*>(&name);
        ensure(::bind(listener_.value(), generic, size) == 0, "the test server binds");
        ensure(::listen(listener_.value(), 128) == 0, "the test server listens");
        ensure(::getsockname(listener_.value(), generic, &size) == 0, "the test server has a port");
        port_ = ntohs(name.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    // Ends every connection, even in the middle of its script.
    ~ScriptedServer() {
        ::shutdown(listener_.value(), SHUT_RDWR);
        acceptor_.join();
        {
            const std::lock_guard lock(mutex_);
            for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
        }
        for (auto& thread : threads_) thread.join();
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    std::uint16_t port() const { return port_; }
    std::size_t accepted_count() const { return accepted_; }
    std::size_t most_open_count() const { return most_open_; }
    std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const {
        return std::string(tls_ != nullptr ? "https://" : "http://") + std::string(host) + ":" +
               std::to_string(port_) + std::string(path);
    }

  private:
    void accept_all() {
        while (true) {
            const int fd = ::accept(listener_.value(), nullptr, nullptr);
            if (fd < 0) return;
            const std::lock_guard lock(mutex_);
            open_.push_back(fd);
            most_open_ = std::max<std::size_t>(most_open_, open_.size());
            threads_.emplace_back([this, fd, index = accepted_++] { run(fd, index); });
        }
    }
    void run(int fd, std::size_t index) {
        {
            const std::unique_ptr<SSL, void (*)(SSL*)> ssl(tls_ != nullptr ? SSL_new(tls_) : nullptr,
                                                           SSL_free);
            if (ssl) SSL_set_fd(ssl.get(), fd);
            ScriptedPeer peer(fd, index, ssl.get());
            if (!ssl || SSL_accept(ssl.get()) == 1) script_(peer);
        }
        const std::lock_guard lock(mutex_);
        std::erase(open_, fd);
        ::close(fd);
    }

    Script script_;
    SSL_CTX* tls_;
    UniqueFd listener_;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::atomic<std::size_t> accepted_{0};
    std::atomic<std::size_t> most_open_{0};
    std::thread acceptor_;
};

}  // namespace lodestone::test
