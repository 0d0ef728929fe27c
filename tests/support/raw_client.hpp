// A client that sends exactly the bytes it is told to and reads answers one by one. Reads give up after
// thirty seconds, so that a server that says nothing fails a test instead of hanging it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "http/message/chunked.hpp"

namespace lodestone::test {

struct Answer {
    int status = 0;
    std::string head;
    std::map<std::string, std::string> headers;  // names in lower case; the last one of a name
    std::string body;
    bool is_whole = false;  // framed to its end

    std::string header(const std::string& name) const {
        const auto entry = headers.find(name);
        return entry == headers.end() ? "" : entry->second;
    }
};

class RawClient {
  public:
    explicit RawClient(std::uint16_t port) {
        fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(port);
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        start(reinterpret_cast<const sockaddr*>(&name), sizeof name);
    }
    explicit RawClient(const std::string& unix_path) {
        fd_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::strncpy(name.sun_path, unix_path.c_str(), sizeof name.sun_path - 1);
        start(reinterpret_cast<const sockaddr*>(&name), sizeof name);
    }

    int fd() const { return fd_.value(); }
    bool is_connected() const { return is_connected_; }
    void close() { fd_.reset(); }
    void shutdown_write() { ::shutdown(fd_.value(), SHUT_WR); }

    // False when the server has closed its side for good.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    // Everything until the server closes.
    std::string read_to_end() {
        while (fill()) continue;
        return std::exchange(received_, {});
    }

    // Whether the last read ended in a reset, in place of an orderly end.
    bool was_reset() const { return was_reset_; }

    // The next answer, read to the end of its framing. `has_body` is no for answers to HEAD.
    enum class HasBody : bool { no, yes };
    Answer read_answer(HasBody has_body = HasBody::yes) {
        Answer answer;
        std::size_t end;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos)
            if (!fill()) return answer;
        answer.head = received_.substr(0, end + 2);
        received_.erase(0, end + 4);
        parse_head(answer);
        if (has_body == HasBody::no || answer.status == 204 || answer.status == 304 || answer.status < 200)
            answer.is_whole = true;
        else if (answer.header("transfer-encoding") == "chunked")
            read_chunks(answer);
        else if (answer.headers.contains("content-length"))
            read_length(answer, std::stoull(answer.header("content-length")));
        else
            answer.body = read_to_end();
        return answer;
    }

    Answer exchange(std::string_view request, HasBody has_body = HasBody::yes) {
        send(request);
        return read_answer(has_body);
    }

  private:
    void start(const sockaddr* name, socklen_t size) {
        const timeval patience{.tv_sec = 30, .tv_usec = 0};
        ::setsockopt(fd_.value(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        is_connected_ = ::connect(fd_.value(), name, size) == 0;
    }

    bool fill() {
        char buffer[65536];
        const ssize_t got = ::recv(fd_.value(), buffer, sizeof buffer, 0);
        was_reset_ = got < 0 && errno == ECONNRESET;
        if (got <= 0) return false;
        received_.append(buffer, static_cast<std::size_t>(got));
        return true;
    }

    static void parse_head(Answer& answer) {
        answer.status = std::atoi(answer.head.substr(9, 3).c_str());
        std::size_t at = answer.head.find("\r\n") + 2;
        while (at < answer.head.size()) {
            const std::size_t end = answer.head.find("\r\n", at);
            const std::string line = answer.head.substr(at, end - at);
            const std::size_t colon = line.find(": ");
            std::string name = line.substr(0, colon);
            for (char& c : name) c = static_cast<char>(std::tolower(c));
            answer.headers[name] = colon == std::string::npos ? "" : line.substr(colon + 2);
            at = end + 2;
        }
    }

    void read_length(Answer& answer, std::size_t length) {
        while (received_.size() < length)
            if (!fill()) break;
        answer.is_whole = received_.size() >= length;
        answer.body = received_.substr(0, length);
        received_.erase(0, length);
    }

    void read_chunks(Answer& answer) {
        http::ChunkDecoder decoder;
        for (;;) {
            const auto step = decoder.step(received_);
            ASSERT_EQ(step.fault, "");
            answer.body += step.data;
            received_.erase(0, step.consumed);
            answer.is_whole = step.is_done;
            if (step.is_done || (step.consumed == 0 && !fill())) return;
        }
    }

    UniqueFd fd_;
    std::string received_;
    bool is_connected_ = false;
    bool was_reset_ = false;
};

}  // namespace lodestone::test
