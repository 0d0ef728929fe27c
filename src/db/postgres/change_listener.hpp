// A connection of its own that LISTENs on one channel. After each (re)connection an event without payload
// comes first: what was said meanwhile, nobody heard.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/change_watch.hpp"
#include "base/context.hpp"
#include "base/unique_fd.hpp"
#include "db/postgres/hosts.hpp"

namespace lodestone::db {

class ChangeListener final : public ChangeWatch {
  public:
    // `options` outlive it.
    ChangeListener(const PostgresOptions& options, const std::string& channel, ChangeCallback callback,
                   Context& context);
    ~ChangeListener() override { stop_thread(); }
    void stop() override { stop_thread(); }
    bool is_live() const override { return is_live_; }

  private:
    void run();
    std::unique_ptr<Connection> connect();
    std::optional<Fault> begin(Connection& connection);
    std::optional<Fault> listen(Connection& connection);
    void stop_thread();

    const PostgresOptions& options_;
    const std::string channel_;
    const ChangeCallback callback_;
    Context& context_;
    PostgresNumbers numbers_;
    Hosts hosts_;
    const bool is_direct_;
    const UniqueFd stop_event_;
    std::string fault_;     // the last that was logged
    bool is_deaf_ = false;  // the server that answered has no LISTEN
    std::atomic<bool> is_live_{false};
    std::atomic<bool> is_stopping_{false};
    std::thread thread_;
};

// Of a server, or a pooler, through which nothing can be heard.
class DeafWatch final : public ChangeWatch {
  public:
    void stop() override {}
    bool is_live() const override { return false; }
};

}  // namespace lodestone::db
