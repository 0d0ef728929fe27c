// A connection to Redis as commands and replies: signed in when it is open, replies within a limit, garbage
// refused. On a thread that may block.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cache/redis_socket.hpp"
#include "cache/resp.hpp"

namespace lodestone::cache {

struct RedisOptions {
    RedisUrl url;
    std::string ca_file;  // more authorities for rediss:// beside the system's; empty: none
    std::string node;     // the sender's name in what is told; empty: one is made
    std::shared_ptr<RedisLookup> lookup = std::make_shared<RedisLookup>();
};

class RedisConnection {
  public:
    // `stop`, an eventfd, calls everything off when it becomes readable. All outlive it.
    RedisConnection(const RedisOptions& options, const Clock& clock, int stop)
        : options_(options), clock_(clock), socket_(clock, stop) {}

    // Connects, signs in, and chooses the database.
    std::optional<Fault> open();
    // Commands as render_command() writes them: several at once cost one round trip.
    std::optional<Fault> send(std::string_view commands);
    // What comes next; neither: it was too late, or called off.
    struct Next {
        std::optional<RespReply> reply;
        std::optional<Fault> fault;
    };
    Next next(SteadyTime until);
    // The reply to a command, within limits::redis_answer_timeout; without one there is a fault. What Redis
    // refuses is one, too, in its words.
    Next answer();
    // A command and its reply.
    Next ask(std::initializer_list<std::string_view> words);

  private:
    Next sign_in();
    const RedisOptions& options_;
    const Clock& clock_;
    RedisSocket socket_;
    std::string received_;
};

}  // namespace lodestone::cache
