// The server of ./dev bench auth: 1 KiB from memory, once open to all and once for whoever may read packages,
// behind the real Door and the real gate over a real database. Two of them on one database are two nodes;
// each revokes a key for whoever asks, as the API does.
//
//   auth_bench_server prepare DATABASE                   makes the schema, a tenant with somebody in it, and
//                                                        keys; prints the keys
//   auth_bench_server serve DATABASE LOG_FILE THREADS [no-listen] [REDIS_URL]
//                                                        prints its URL and serves until SIGTERM
#include <fmt/core.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

#include "app/serving/serve.hpp"
#include "app/serving/storage.hpp"
#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "cache/redis_relay.hpp"
#include "cache/redis_url.hpp"
#include "db/admin_connection.hpp"
#include "db/database.hpp"
#include "db/migrate/migrator.hpp"
#include "db/open_database.hpp"
#include "http/server/server.hpp"
#include "http/wire/loop.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/key.hpp"
#include "support/identity_world.hpp"

using namespace lodestone;

namespace {

constexpr int prepared_keys = 128;

const std::string page(1024, 'x');

Task<http::Response> show_page(Context&, http::Request&) {
    co_return http::Response::text(200, page);
}

// By the public id of its text.
Task<http::Response> revoke(Context& context, http::Request& request) {
    auto run = [&](db::Tx& tx) {
        const auto found = identity::find_key_by_public_id(tx, request.parameter("public_id"));
        if (!found) throw Problem(problems::not_found, "There is no such key.");
        identity::revoke_key(tx, found->tenant_id, found->id, "a bench");
    };
    co_await context.database->write(db::Unit{.actor = "bench", .request_id = request.id}, run);
    co_return http::Response::text(200, "revoked");
}

constexpr http::Route routes[] = {
    {http::Method::post, "/revoke/{public_id}", http::Access::open, revoke},
    {http::Method::get, "/open/{tenant}/{name}", http::Access::open, show_page},
    {http::Method::get, "/keys/{tenant}/{name}", http::Access::needs("package:read", {.id = "name"}),
     show_page},
};

bool is_postgres(const std::string& database) {
    return database.find("://") != database.npos;
}

std::unique_ptr<db::AdminConnection> open_admin(const std::string& database) {
    if (is_postgres(database)) return db::open_postgres_admin(database, std::chrono::seconds(10));
    return db::open_sqlite_admin(database);
}

struct Serving {
    std::string database;
    std::string log_file;
    std::size_t threads = 1;
    db::Lacks lacks;
    std::string redis_url;  // empty: none

    // Whether what other nodes change is ever told.
    bool is_told() const { return lacks.empty() || !redis_url.empty(); }
};

std::unique_ptr<db::Engine> open_engine(const Serving& serving, Context& context) {
    if (is_postgres(serving.database))
        return db::open_postgres({.url = serving.database, .lacks = serving.lacks}, context);
    return db::open_sqlite({.path = serving.database}, context);
}

struct Parts {
    SystemClock clock;
    SystemRandom random;
    Metrics metrics;
    Health health;
    Log log;
    Context context{clock, random, log, metrics, health};
    explicit Parts(const LogOptions& options) : log(options, clock) {}
};

int prepare(const std::string& database) {
    Parts parts({.level = LogLevel::off});
    const auto admin = open_admin(database);
    db::migrate_up(*admin);
    test::IdentityWorld world(parts.context, [&](const std::string& sql) {
        admin->run(sql);
        return std::string();
    });
    world.add_tenant("acme");
    world.add_user("acme", "alice");
    world.give_role("acme", "alice", "developer");
    for (int i = 0; i < prepared_keys; ++i) fmt::print("{}\n", world.add_key("acme", {.user = "alice"}));
    return 0;
}

int serve(const Serving& serving) {
    Parts parts({.level = LogLevel::info, .format = LogFormat::json, .file = serving.log_file});
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    std::optional<cache::RedisRelay> relay;
    if (!serving.redis_url.empty())
        relay.emplace(
            cache::RedisOptions{
                .url = cache::parse_redis_url(serving.redis_url).value(), .ca_file = {}, .node = {}},
            parts.context);
    db::Database storage(open_engine(serving, parts.context));
    parts.context.database = &storage;
    app::keep_records(storage, parts.context);
    if (relay) storage.tell_by(*relay);
    identity::Identity identity(parts.context, {.vault = test::test_vault(), .gate = {}});
    identity.gate.start_watching();
    while (serving.is_told() && !identity.gate.is_watching()) std::this_thread::yield();
    const std::array tables{std::span<const http::Route>(routes)};
    app::Door door(parts.context, identity.gate,
                   {.handler_timeout = limits::handler_timeout, .limits = {}, .cors = {}}, tables);
    http::Loops loops(serving.threads, parts.metrics);
    http::ServerOptions options;
    options.listen = {http::parse_listen_address("127.0.0.1:0").value()};
    options.connections_per_client = options.connections;
    http::Server server(options, loops, parts.context,
                        [&door](http::Exchange& exchange) { return door.serve(exchange); });
    loops.start();
    server.start();
    fmt::print("{}\n", server.urls().front());
    std::fflush(stdout);
    int signal = 0;
    ::sigwait(&signals, &signal);
    server.stop(std::chrono::seconds(1));
    identity.stop();
    storage.engine().stop();
    loops.stop();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() == 2 && arguments[0] == "prepare") return prepare(arguments[1]);
    if (arguments.size() >= 4 && arguments[0] == "serve") {
        Serving serving{.database = arguments[1],
                        .log_file = arguments[2],
                        .threads = std::stoul(arguments[3]),
                        .lacks = {},
                        .redis_url = {}};
        for (std::size_t at = 4; at < arguments.size(); ++at) {
            if (arguments[at] == "no-listen")
                serving.lacks = {db::Capability::listen};
            else
                serving.redis_url = arguments[at];
        }
        return serve(serving);
    }
    fmt::print(stderr,
               "usage: auth_bench_server prepare DATABASE | serve DATABASE LOG_FILE THREADS [no-listen] "
               "[REDIS_URL]\n");
    return 2;
}
