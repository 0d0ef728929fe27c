// Stands between a client and PostgreSQL's socket, breaks the connection at the worst moments of a COMMIT,
// and shows what passes.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "base/unique_fd.hpp"
#include "support/postgres.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::test {

class PostgresProxy {
  public:
    enum class Break {
        nothing,
        reply,    // COMMIT arrives and is done; its answer does not come back
        request,  // COMMIT never arrives
    };

    explicit PostgresProxy(PostgresServer& server) : server_(server) {
        listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_un address = address_of(folder_ / ".s.PGSQL.5432");
        if (::bind(listener_.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener_.value(), 64) != 0 || ::pipe2(stop_.data(), O_CLOEXEC) != 0)
            throw std::system_error(errno, std::generic_category(), "the proxy's socket");
        thread_ = std::thread([this] { forward_all(); });
    }
    ~PostgresProxy() {
        ::close(stop_[1]);
        thread_.join();
        ::close(stop_[0]);
    }
    PostgresProxy(const PostgresProxy&) = delete;
    PostgresProxy& operator=(const PostgresProxy&) = delete;

    std::string url(const std::string& database) const {
        return "postgresql://postgres@/" + database + "?host=" + folder_.path() + "&port=5432";
    }
    // The next COMMIT, once. `at_that_moment` runs before the client can notice.
    void break_next(Break what, std::function<void()> at_that_moment = {}) {
        const std::lock_guard lock(mutex_);
        next_ = {what, std::move(at_that_moment)};
    }
    bool has_broken() const { return has_broken_; }

    // All that passes is shown before it goes on, with the connection that it belongs to, on a thread of the
    // proxy's. To be said before anybody connects.
    enum class Way { there, back };
    using Watcher = std::function<void(const void* link, std::string_view bytes, Way way)>;
    void watch(Watcher watcher) { watcher_ = std::move(watcher); }

  private:
    struct Plan {
        Break what = Break::nothing;
        std::function<void()> at_that_moment;
    };
    struct Link {
        UniqueFd client;
        UniqueFd server;
        Plan plan;  // for the COMMIT that is under way
    };

    static sockaddr_un address_of(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        return address;
    }

    void forward_all() {
        while (true) {
            std::vector<pollfd> wanted{{stop_[0], POLLIN, 0}, {listener_.value(), POLLIN, 0}};
            for (const Link& link : links_) {
                wanted.push_back({link.client.value(), POLLIN, 0});
                wanted.push_back({link.server.value(), POLLIN, 0});
            }
            ::poll(wanted.data(), wanted.size(), -1);
            if (wanted[0].revents != 0) return;
            std::size_t at = 2;
            for (auto link = links_.begin(); link != links_.end(); at += 2) {
                const bool is_open = (wanted[at].revents == 0 || forward_request(*link)) &&
                                     (wanted[at + 1].revents == 0 || forward_reply(*link));
                link = is_open ? std::next(link) : links_.erase(link);
            }
            if (wanted[1].revents != 0) accept_one();
        }
    }
    void accept_one() {
        Link link;
        link.client.reset(::accept(listener_.value(), nullptr, nullptr));
        link.server.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_un address = address_of(server_.socket());
        if (::connect(link.server.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
            links_.push_back(std::move(link));
    }
    bool forward_request(Link& link) {
        const ssize_t size = ::read(link.client.value(), buffer_.data(), buffer_.size());
        if (size <= 0) return false;
        const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
        if (watcher_) watcher_(&link, bytes, Way::there);
        // The name of the prepared statement, in the message that binds it.
        if (bytes.find("commit") != bytes.npos) {
            if (link.plan.what == Break::nothing) link.plan = take_next();
            if (link.plan.what == Break::request) return break_now(link);
        }
        return ::send(link.server.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == size;
    }
    bool forward_reply(Link& link) {
        const ssize_t size = ::read(link.server.value(), buffer_.data(), buffer_.size());
        if (size <= 0) return false;
        if (link.plan.what == Break::reply) return break_now(link);
        if (watcher_) watcher_(&link, {buffer_.data(), static_cast<std::size_t>(size)}, Way::back);
        return ::send(link.client.value(), buffer_.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) ==
               size;
    }

    Plan take_next() {
        const std::lock_guard lock(mutex_);
        return std::exchange(next_, {});
    }
    bool break_now(const Link& link) {
        if (link.plan.at_that_moment) link.plan.at_that_moment();
        has_broken_ = true;
        return false;
    }

    PostgresServer& server_;
    TempFolder folder_;
    UniqueFd listener_;
    Watcher watcher_;
    std::array<int, 2> stop_{};
    std::array<char, 64 * 1024> buffer_{};
    std::list<Link> links_;
    std::mutex mutex_;  // over next_: it is set by the test and taken by the proxy's thread
    Plan next_;
    std::atomic<bool> has_broken_{false};
    std::thread thread_;
};

}  // namespace lodestone::test
