// The server that ./dev bench http measures: the program's own door, loops and server with metrics and the
// access log as in production, before a route table of things that a benchmark can ask for.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "app/serving/serve.hpp"
#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/hashed_file.hpp"
#include "base/health.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/unique_fd.hpp"
#include "http/server/server.hpp"
#include "http/wire/body.hpp"
#include "http/wire/loop.hpp"

namespace {

using namespace lodestone;

constexpr std::uint64_t upload_bytes = 2 * limits::gib;

// From the command line, for the handlers: a route's handler is a plain function.
struct Settings {
    std::string folder;    // what GET /file/ reads and PUT /upload/ writes
    std::string log_file;  // the access log
    std::size_t threads = 2;
    http::Loops* loops = nullptr;
};
Settings settings;

std::string path_of(const http::Request& request) {
    return settings.folder + "/" + request.parameter("name");
}

Task<http::Response> show_page(Context&, http::Request&) {
    static const auto page = std::make_shared<const std::string>(limits::kib, 'x');
    http::Response response;
    response.headers.add("Content-Type", "text/plain");
    response.etag = "\"1k\"";
    response.body = http::SharedBytes{page, *page};
    co_return response;
}

Task<http::Response> show_file(Context&, http::Request& request) {
    UniqueFd file(::open(path_of(request).c_str(), O_RDONLY | O_CLOEXEC));
    struct stat found{};
    if (!file.is_open() || ::fstat(file.value(), &found) != 0)
        throw Problem(problems::not_found, "There is no such file.");
    http::Response response;
    response.headers.add("Content-Type", "application/octet-stream");
    response.etag = fmt::format("\"{:x}-{:x}\"", found.st_ino, found.st_size);
    response.body = http::FileSlice{std::make_shared<const UniqueFd>(std::move(file)), 0,
                                    static_cast<std::uint64_t>(found.st_size)};
    co_return response;
}

// As a registry takes what it keeps: received on the loop, hashed and written on a worker thread meanwhile.
Task<http::Response> store_upload(Context&, http::Request& request) {
    UniqueFd file(::open(path_of(request).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) throw Problem(problems::unavailable, "The file cannot be opened.");
    const auto stored = std::make_shared<HashedFile>(std::move(file));
    co_await http::hand_over(*request.body, settings.loops->workers(), stored);
    co_return http::Response::text(201, to_hex(stored->finish()) + "\n");
}

// Hashed and dropped: 256 uploads of 1 GiB fit on no small disk.
class Hashed final : public PieceTaker {
  public:
    void take(std::string_view piece) override { digest_.add(piece); }
    Sha256 finish() { return digest_.finish(); }

  private:
    Sha256Digest digest_;
};

Task<http::Response> hash_upload(Context&, http::Request& request) {
    const auto hashed = std::make_shared<Hashed>();
    co_await http::hand_over(*request.body, settings.loops->workers(), hashed);
    co_return http::Response::text(201, to_hex(hashed->finish()) + "\n");
}

constexpr http::Route routes[] = {
    {http::Method::get, "/1k", http::Access::open, show_page},
    {http::Method::get, "/file/{name}", http::Access::open, show_file},
    {http::Method::put,
     "/upload/{name}",
     http::Access::open,
     store_upload,
     {.body_limit_bytes = upload_bytes}},
    {http::Method::put, "/hash/{name}", http::Access::open, hash_upload, {.body_limit_bytes = upload_bytes}},
};

int refuse_arguments() {
    fmt::print(stderr, "usage: http_bench_server FOLDER LOG_FILE [THREADS]\n");
    return 2;
}

void serve() {
    SystemClock clock;
    SystemRandom random;
    Metrics metrics;
    Health health;
    Log log({.level = LogLevel::info, .format = LogFormat::json, .file = settings.log_file}, clock);
    Context context{clock, random, log, metrics, health};
    const std::array tables{std::span<const http::Route>(routes)};
    const identity::KeyedHash hasher("nothing is hashed here");
    identity::Gate gate(context, {}, hasher);
    app::Door door(context, gate, {.handler_timeout = limits::handler_timeout, .limits = {}, .cors = {}},
                   tables);
    http::Loops loops(settings.threads, metrics);
    settings.loops = &loops;
    http::ServerOptions options;
    options.listen = {http::parse_listen_address("127.0.0.1:0").value()};
    options.connections_per_client = options.connections;
    http::Server server(options, loops, context,
                        [&door](http::Exchange& exchange) { return door.serve(exchange); });
    loops.start();
    server.start();
    fmt::print("{}\n", server.urls().front());
    std::fflush(stdout);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    int signal = 0;
    ::sigwait(&signals, &signal);
    server.stop(std::chrono::seconds(1));
}

}  // namespace

int main(int argc, char** argv) {
    const std::span arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() < 3 || arguments.size() > 4) return refuse_arguments();
    settings.folder = arguments[1];
    settings.log_file = arguments[2];
    if (arguments.size() > 3) settings.threads = std::strtoull(arguments[3], nullptr, 10);
    if (settings.threads == 0) return refuse_arguments();

    ::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts
    serve();
}
