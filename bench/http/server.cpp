// The server that ./dev bench http measures: the program's own door, loops and server with metrics and the
// access log as in production, before a route table of things that a benchmark can ask for.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

#include "app/serving/serve.hpp"
#include "base/clock.hpp"
#include "base/ensure.hpp"
#include "base/health.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/unique_fd.hpp"
#include "http/server/server.hpp"
#include "http/wire/loop.hpp"

namespace {

using namespace lodestone;

constexpr std::uint64_t upload_bytes = 2 * limits::gib;

// From the command line, for the handlers: a route's handler is a plain function.
struct Settings {
    std::string folder;    // what GET /file/ reads and PUT /upload/ writes
    std::string log_file;  // the access log
    std::size_t threads = 2;
    // How much of each upload is kept on disk, in a circle: 256 uploads of 1 GiB fit on no small disk.
    std::uint64_t kept_bytes = upload_bytes;
};
Settings settings;

struct DigestEnd {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

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

void write_at(const UniqueFd& file, std::string_view bytes, std::uint64_t position) {
    while (!bytes.empty()) {
        const std::uint64_t place = position % settings.kept_bytes;
        const std::uint64_t room = std::min<std::uint64_t>(bytes.size(), settings.kept_bytes - place);
        const ssize_t written = ::pwrite(file.value(), bytes.data(), room, static_cast<off_t>(place));
        if (written <= 0) throw Problem(problems::storage_full, "The file could not be written.");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        position += static_cast<std::uint64_t>(written);
    }
}

Task<http::Response> store_upload(Context&, http::Request& request) {
    const UniqueFd file(::open(path_of(request).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) throw Problem(problems::unavailable, "The file cannot be opened.");
    const std::unique_ptr<EVP_MD_CTX, DigestEnd> digest(EVP_MD_CTX_new());
    ensure(EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1, "SHA-256 is there");
    std::uint64_t received_bytes = 0;
    for (;;) {
        const std::string_view piece = co_await request.body->next();
        if (piece.empty()) break;
        EVP_DigestUpdate(digest.get(), piece.data(), piece.size());
        write_at(file, piece, received_bytes);
        received_bytes += piece.size();
    }
    std::array<std::uint8_t, 32> hash{};
    EVP_DigestFinal_ex(digest.get(), hash.data(), nullptr);
    co_return http::Response::text(201, to_hex(hash) + "\n");
}

constexpr http::Route routes[] = {
    {http::Method::get, "/1k", http::Access::open, show_page},
    {http::Method::get, "/file/{name}", http::Access::open, show_file},
    {http::Method::put,
     "/upload/{name}",
     http::Access::open,
     store_upload,
     {.body_limit_bytes = upload_bytes}},
};

int refuse_arguments() {
    fmt::print(stderr, "usage: http_bench_server FOLDER LOG_FILE [THREADS [KEPT_BYTES]]\n");
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
    if (arguments.size() < 3 || arguments.size() > 5) return refuse_arguments();
    settings.folder = arguments[1];
    settings.log_file = arguments[2];
    if (arguments.size() > 3) settings.threads = std::strtoull(arguments[3], nullptr, 10);
    if (arguments.size() > 4) settings.kept_bytes = std::strtoull(arguments[4], nullptr, 10);
    if (settings.threads == 0 || settings.kept_bytes == 0) return refuse_arguments();

    ::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts
    serve();
}
