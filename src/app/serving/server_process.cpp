// Making the parts in the order in which they stand on each other, then waiting for signals. The main thread
// does nothing else: SIGTERM and SIGINT stop, SIGHUP reloads.
#include "app/serving/server_process.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <thread>
#include <utility>

#include "app/config/config_load.hpp"
#include "app/serving/blob_storage.hpp"
#include "app/serving/build.hpp"
#include "app/serving/chores.hpp"
#include "app/serving/client_options.hpp"
#include "app/serving/data_folder.hpp"
#include "app/serving/descriptor_shares.hpp"
#include "app/serving/first_start.hpp"
#include "app/serving/maintenance.hpp"
#include "app/serving/routes.hpp"
#include "app/serving/serve.hpp"
#include "app/serving/storage.hpp"
#include "app/serving/tracing.hpp"
#include "app/serving/way_in.hpp"
#include "base/health.hpp"
#include "base/limits.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/process_metrics.hpp"
#include "base/random.hpp"
#include "base/secret_file.hpp"
#include "http/client/client.hpp"
#include "http/server/server.hpp"
#include "http/server/supervisor.hpp"
#include "http/wire/loop.hpp"
#include "identity/federation/federation.hpp"
#include "identity/identity.hpp"
#include "packages/count_downloads.hpp"
#include "packages/directory.hpp"
#include "packages/index_memory.hpp"
#include "packages/retention.hpp"

namespace lodestone::app {

namespace {

// As many descriptors as we are allowed.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

// A core file holds every secret that the process does. A process that is not dumpable would leave none
// either, but nobody could look at it with gdb or perf while it runs.
void forbid_core_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) != 0) return;
    limit.rlim_cur = 0;
    ::setrlimit(RLIMIT_CORE, &limit);
}

std::size_t connection_limit(const Config& config) {
    return share_descriptors(config.server.connections).connections;
}

// Blocked before any thread starts, so that only wait_for_signal() sees them.
sigset_t block_signals() {
    // A reader that went away, and a file that may not grow, are errors of the call and no reason to die.
    for (const int signal : {SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

// The next signal, or nothing when the time is over first.
std::optional<int> wait_for_signal(const sigset_t& signals, std::chrono::milliseconds timeout) {
    const timespec wait{.tv_sec = timeout.count() / 1000, .tv_nsec = timeout.count() % 1000 * 1'000'000};
    const int signal = ::sigtimedwait(&signals, nullptr, &wait);
    if (signal < 0) return std::nullopt;
    return signal;
}

std::optional<http::TlsOptions> tls_options(const Config& config) {
    if (config.tls.certificate_file.empty()) return std::nullopt;
    return http::TlsOptions{.certificate_file = config.tls.certificate_file,
                            .key_file = config.tls.key_file,
                            .allows_1_2 = config.tls.minimum_version == TlsVersion::v1_2};
}

// Whether we are told to stop again before the time is over; a reload has to wait for the next start.
bool is_hurried(const sigset_t& signals, std::chrono::milliseconds patience) {
    const SteadyTime end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        const auto signal = wait_for_signal(signals, std::max(left, std::chrono::milliseconds(0)));
        if (signal && *signal != SIGHUP) return true;
        if (!signal && left.count() <= 0) return false;
    }
}

http::ServerOptions server_options(const Config& config) {
    http::ServerOptions options;
    options.listen = config.server.listen;
    options.tls_listen = config.tls.listen;
    options.tls = tls_options(config);
    options.trusted_proxies = config.server.trusted_proxies;
    options.forwarded_family = config.server.forwarded_family;
    options.head.head_bytes = config.server.head_bytes;
    options.connections = connection_limit(config);
    options.connections_per_client = config.server.connections_per_client;
    options.head_timeout = config.server.head_timeout;
    options.idle_timeout = config.server.idle_timeout;
    options.body_grace = config.server.body_grace;
    options.body_rate_bytes = config.server.body_rate_bytes;
    options.buffered_bodies_bytes = config.server.buffered_bodies_bytes;
    return options;
}

ServeLimits serve_limits(const Config& config) {
    return {.slow_request = config.log.slow_request,
            .requests_per_second_per_client = config.server.requests_per_second_per_client,
            .request_burst_per_client = config.server.request_burst_per_client};
}

ServeOptions serve_options(const Config& config, SpanQueue* spans) {
    ServeOptions options;
    options.handler_timeout = config.server.handler_timeout;
    options.limits = serve_limits(config);
    options.cors.allowed_origins = config.cors.origins;
    options.cors.allow_credentials = config.cors.has_credentials;
    options.spans = spans;
    options.public_url = config.server.public_url;
    return options;
}

SpanExportOptions span_export_options(const Config& config) {
    SpanExportOptions options;
    options.url = config.tracing.otlp_url;
    options.egress = egress_policy(config);
    options.ca_file = config.egress.ca_file;
    options.version = build().version;
    return options;
}

LogOptions log_options(const Config& config) {
    LogOptions options;
    options.level = config.log.level;
    options.file = config.log.file;
    const bool is_terminal = config.log.file.empty() && ::isatty(STDERR_FILENO) == 1;
    options.format = config.log_format(is_terminal);
    options.has_colours = is_terminal && has_colours(STDERR_FILENO, read_environment());
    return options;
}

std::string operator_token(const Config& config, const DataFolder& folder, Random& random) {
    if (!config.operators.token_file.empty()) return read_secret(config.operators.token_file);
    return folder.load_or_make_secret("operator-token", random);
}

identity::IdentityOptions identity_options(const Config& config, const DataFolder& folder, Random& random,
                                           ledger::RefusalRecorder& refusals,
                                           identity::RepositoryDirectory& repositories) {
    return {.vault = {.pepper = load_pepper(config, folder, random),
                      .sealing_keys = {load_sealing_key(config, folder, random)},
                      .password_cost = {}},
            .gate = {.operators = {.token = operator_token(config, folder, random),
                                   .trusts_local = config.operators.is_local_trusted},
                     .refusals = &refusals,
                     .repositories = &repositories}};
}

// The parts of a running server, made top to bottom and unmade bottom to top.
class Process {
  public:
    explicit Process(const Config& config);
    // Whatever ends it: what runs on the loops, and in the database, uses the parts that are unmade before
    // them.
    ~Process() {
        blob_storage_.stop_collecting();
        retention_.stop();
        maintenance_.stop();
        identity_.stop();
        repositories_.stop_watching();
        indexes_.stop_watching();
        storage_.stop();
        blob_storage_.stop();
        loops_.stop();
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    int run(const sigset_t& signals);

  private:
    std::vector<Chore> list_chores();
    Chore make_scrub_chore();
    void prepare_installation();
    std::optional<FirstStart> begin();
    void leave_beginning_to_maintenance();
    void reload();
    void reload_certificate();
    int stop(int signal, const sigset_t& signals);

    Config config_;
    SystemClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_;
    Context context_{clock_, random_, log_, metrics_, health_};
    DataFolder folder_;
    Storage storage_;
    ledger::RefusalRecorder refusals_{context_};
    packages::DownloadCounter downloads_{context_};
    packages::Directory repositories_;
    identity::Identity identity_;
    packages::RetentionRounds retention_{packages::served_formats()};
    Maintenance maintenance_;
    std::optional<FirstPassword> first_password_;  // this is the first start
    SpanQueue spans_;
    Door door_;
    http::Loops loops_;
    packages::IndexMemory indexes_;
    BlobStorage blob_storage_;
    http::Client client_;
    identity::Federation federation_;
    std::optional<SpanExporter> span_exporter_;  // none: traces are off
    http::Server server_;
};

Process::Process(const Config& config)
    : config_(config),
      log_(log_options(config), clock_),
      folder_(config.data.dir),
      storage_(config, folder_, context_,
               [this](db::Database& database) {
                   check_installation_secrets(config_, folder_, random_, database);
               }),
      repositories_(context_, packages::served_formats()),
      identity_(context_, identity_options(config, folder_, random_, refusals_, repositories_)),
      maintenance_(storage_.database(), refusals_, list_chores(), context_),
      spans_(config.tracing.sample_ratio, metrics_),
      door_(context_, identity_.gate,
            serve_options(config, config.tracing.otlp_url.empty() ? nullptr : &spans_), program_routes()),
      loops_(config.thread_count(), metrics_),
      indexes_(context_, loops_.workers()),
      blob_storage_(config, folder_, storage_.database(), loops_, context_),
      client_(client_options(config), metrics_, log_),
      federation_(context_, client_, identity_.vault.sealer, identity_.vault.mint, config.server.public_url),
      server_(server_options(config), loops_, context_,
              [this](http::Exchange& exchange) { return door_.serve(exchange); }) {
    context_.identity = &identity_;
    identity_.federation = &federation_;
    repositories_.keep_bytes_in(blob_storage_.blobs());
    repositories_.count_downloads_with(downloads_);
    repositories_.keep_indexes_in(indexes_);
    maintenance_.look_after({.name = "downloads",
                             .is_due = [this] { return downloads_.is_due(); },
                             .write = [this] { downloads_.write(storage_.database()); }});
    storage_.database().tell_of_writes([this](const std::vector<db::Change>& changes) {
        identity_.gate.note_changes(changes);
        repositories_.note_changes(changes);
        indexes_.note_changes(changes);
    });
    if (!config.tracing.otlp_url.empty())
        span_exporter_.emplace(span_export_options(config), spans_, loops_.at(0), context_);
    add_process_metrics(metrics_, build());
    metrics_.add_reader("lodestone_log_lines_dropped_total",
                        "Log lines lost: disk full, reader gone or asleep.", Metrics::ReadAs::counter,
                        [this] { return static_cast<double>(log_.dropped_count()); });
}

std::vector<Chore> Process::list_chores() {
    std::vector<Chore> chores = make_chores(config_);
    chores.push_back(
        {.name = "blobs.collect", .every = std::chrono::minutes(1), .step = nullptr, .run = [this] {
             return blob_storage_.collect({}, blobs::Pace::half).changes();
         }});
    chores.push_back(
        {.name = "packages.retention", .every = std::chrono::hours(1), .step = nullptr, .run = [this] {
             return retention_.run(storage_.database());
         }});
    if (config_.blobs.scrub_rate_bytes != 0) chores.push_back(make_scrub_chore());
    return chores;
}

// Goes on beside the other chores for as long as there is something to do, and keeps its turn meanwhile.
Chore Process::make_scrub_chore() {
    Chore chore{.name = "blobs.scrub", .every = std::chrono::minutes(1), .step = nullptr};
    chore.run = [this, turn = chore] {
        return blob_storage_.scrub_beside(
            [this, turn](db::Tx& tx) { return keep_turn(tx, turn, maintenance_.node()); });
    };
    return chore;
}

// An installation begins when its database is there: now, or by the maintenance as soon as it comes.
void Process::prepare_installation() {
    if (storage_.is_ready()) {
        first_password_ = choose_first_password(config_, folder_, context_, storage_.database());
        return;
    }
    leave_beginning_to_maintenance();
}

// Requests are answered meanwhile, for hashing a password takes longer than all the rest. What fails now,
// because the database has gone away again, is tried again later.
std::optional<FirstStart> Process::begin() {
    const std::optional<FirstPassword> password = std::exchange(first_password_, std::nullopt);
    if (!password) return std::nullopt;
    std::optional<FirstStart> first;
    const auto fault = find_problem(
        [&] { first = begin_installation(config_, folder_, context_, storage_.database(), *password); });
    if (fault) leave_beginning_to_maintenance();
    return first;
}

void Process::leave_beginning_to_maintenance() {
    maintenance_.begin_with([this] {
        if (const auto first = make_first_start(config_, folder_, context_, storage_.database()))
            print_way_in(first, folder_, find_base_address(config_, server_.urls()));
    });
}

int Process::run(const sigset_t& signals) {
    prepare_installation();
    identity_.gate.start_watching();
    repositories_.start_watching();
    indexes_.start_watching();
    loops_.start();
    if (span_exporter_) span_exporter_->start();
    server_.start();
    print_welcome(config_, folder_, server_.urls());
    const std::optional<FirstStart> first = begin();
    maintenance_.start();
    print_way_in(first, folder_, find_base_address(config_, server_.urls()));
    log_.info("serving", {{"version", build().version},
                          {"commit", build().commit},
                          {"threads", static_cast<std::uint64_t>(loops_.size())}});
    if (const std::size_t possible = connection_limit(config_); possible < config_.server.connections) {
        // Trouble for whoever asked for so many; the default is as many as there can be.
        const bool is_default = config_.server.connections == limits::connections;
        log_.write(is_default ? LogLevel::info : LogLevel::warn, "too few descriptors for server.connections",
                   {{"configured", config_.server.connections}, {"possible", std::uint64_t{possible}}});
    }
    http::notify_supervisor("READY=1");
    for (;;) {
        const std::optional<int> signal = wait_for_signal(signals, std::chrono::hours(1));
        if (signal == SIGHUP)
            reload();
        else if (signal)
            return stop(*signal, signals);
    }
}

// What may change while we run: the certificate, the log's level, the limits in ServeLimits. The log's file
// stays the same and is opened again, as log rotation wants it. Whatever cannot be read stays as it was.
void Process::reload() {
    http::notify_supervisor(
        fmt::format("RELOADING=1\nMONOTONIC_USEC={}", std::chrono::duration_cast<std::chrono::microseconds>(
                                                          std::chrono::steady_clock::now().time_since_epoch())
                                                          .count()));
    const ReloadedConfig reloaded = reload_config(config_);
    bool is_whole = reloaded.faults.empty();
    const auto note = [&](std::string_view event, const std::optional<std::string>& fault) {
        if (!fault) return;
        log_.error(event, {{"fault", *fault}});
        is_whole = false;
    };
    for (const ConfigFault& fault : reloaded.faults)
        log_.error("configuration not reloaded", {{"fault", fault.to_text()}});
    for (const std::string_view key : reloaded.needs_restart)
        log_.warn("setting changes with the next start", {{"key", key}});
    config_ = reloaded.config;
    log_.set_level(config_.log.level);
    note("log file not reopened", find_problem([this] { log_.reopen(); }));
    door_.change_limits(serve_limits(config_));
    note("certificate not reloaded", find_problem([this] { reload_certificate(); }));
    if (is_whole)
        log_.info("reloaded");
    else
        log_.warn("reload incomplete");
    http::notify_supervisor("READY=1");
}

void Process::reload_certificate() {
    if (const auto tls = tls_options(config_)) server_.reload_tls(*tls);
}

// First /ready says 503 while everything is still answered, so that balancers turn away; then the doors close
// and what runs may finish. Ctrl-C, and a second signal, are impatient.
int Process::stop(int signal, const sigset_t& signals) {
    http::notify_supervisor("STOPPING=1");
    log_.info("stopping", {{"signal", std::string_view(signal == SIGINT ? "SIGINT" : "SIGTERM")}});
    health_.start_draining();
    server_.start_draining();
    const bool is_patient = signal == SIGTERM && !is_hurried(signals, config_.server.drain_delay);
    server_.stop(is_patient ? config_.server.stop_timeout : Milliseconds(limits::hurry_timeout),
                 [&signals] { return is_hurried(signals, Milliseconds(0)); });
    if (span_exporter_) span_exporter_->stop(limits::span_flush_timeout);
    blob_storage_.stop_collecting();
    retention_.stop();
    maintenance_.stop();
    identity_.stop();
    repositories_.stop_watching();
    indexes_.stop_watching();
    storage_.stop();
    blob_storage_.stop();
    loops_.stop();
    log_.info("stopped");
    return 0;
}

}  // namespace

int serve_forever(const Config& config) {
    raise_descriptor_limit();
    if (!config.server.allows_core_files) forbid_core_files();
    const sigset_t signals = block_signals();
    Process process(config);
    return process.run(signals);
}

}  // namespace lodestone::app
