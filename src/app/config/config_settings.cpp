// Every setting, once. To add one: a member in config.hpp with its default, a row here.
#include "app/config/config_settings.hpp"

#include <algorithm>

#include "app/config/config_row.hpp"

namespace lodestone::app {
namespace {

using namespace kinds;

std::vector<Setting> make_server_settings() {
    constexpr auto server = &Config::server;
    using S = ServerConfig;
    return {
        row<List<Listen>, server, &S::listen>(
            {.key = "server.listen",
             .about = "Where to accept plain HTTP: HOST:PORT (port 0 picks a free one and prints it), "
                      "unix:PATH, or systemd for the sockets that systemd passes in.",
             .flag = "--listen",
             .variable = "PORT"}),
        row<WebUrl, server, &S::public_url>(
            {.key = "server.public_url",
             .about = "The URL that clients use, when it differs from what they send as Host: links in "
                      "answers begin with it.",
             .flag = "--public-url"}),
        row<List<ProxyRange>, server, &S::trusted_proxies>(
            {.key = "server.trusted_proxies",
             .about = "The proxies whose word about the client is believed, in the headers that "
                      "server.forwarded_header names; everybody else's is ignored. The word unix stands for "
                      "whoever connects over a Unix socket."}),
        row<Choice<ForwardedFamilyWords>, server, &S::forwarded_family>(
            {.key = "server.forwarded_header",
             .about = "Which headers the trusted proxies write: X-Forwarded-For, -Proto and -Host, or "
                      "Forwarded (RFC 7239). The others are ignored, since proxies pass on what they do not "
                      "write."}),
        row<Integer<0, 1024>, server, &S::threads>(
            {.key = "server.threads",
             .about = "How many threads serve connections; 0 means one per core.",
             .flag = "--threads"}),
        row<Size<4 * limits::kib, 1 * limits::mib>, server, &S::head_bytes>(
            {.key = "server.head_bytes",
             .about = "The largest request line and header fields together; more is answered 431."}),
        row<Deadline, server, &S::head_timeout>(
            {.key = "server.head_timeout",
             .about = "How long a client may take to send a request's head; after that it gets 408."}),
        row<Deadline, server, &S::idle_timeout>(
            {.key = "server.idle_timeout",
             .about = "How long a connection may stay open without a request."}),
        row<Deadline, server, &S::handler_timeout>(
            {.key = "server.handler_timeout",
             .about =
                 "The deadline that every request carries: what its handler waits for (the database, other "
                 "servers) gives up then. A handler that waits for nothing is not cut off."}),
    };
}

// How much, how fast, how many.
std::vector<Setting> make_traffic_settings() {
    constexpr auto server = &Config::server;
    using S = ServerConfig;
    return {
        row<Patience, server, &S::body_grace>(
            {.key = "server.body_grace",
             .about = "How long a body may be slow before server.body_rate counts."}),
        row<Size<0, limits::gib>, server, &S::body_rate_bytes>(
            {.key = "server.body_rate",
             .about = "The fewest bytes per second at which a body must be sent or taken; slower "
                      "connections are closed, 0 allows any."}),
        row<Size<limits::mib, 64 * limits::gib>, server, &S::buffered_bodies_bytes>(
            {.key = "server.buffered_bodies",
             .about =
                 "How much memory all the bodies take together that are collected before their requests are "
                 "looked at: JSON, not uploads. One client address gets a quarter of it."}),
        row<Count, server, &S::connections>(
            {.key = "server.connections",
             .about = "How many connections may be open at once; fewer where the process may not open so "
                      "many files."}),
        row<Count, server, &S::connections_per_client>(
            {.key = "server.connections_per_client",
             .about = "How many connections one client address may have open at once."}),
        row<Integer<0, 1'000'000>, server, &S::requests_per_second_per_client>(
            {.key = "server.requests_per_second_per_client",
             .about = "How many requests a second one client address may send on average before it gets "
                      "429; 0 sets no limit.",
             .is_reloadable = true}),
        row<Integer<0, 1'000'000>, server, &S::request_burst_per_client>(
            {.key = "server.request_burst_per_client",
             .about = "How many requests one client address may send at once before the rate above counts; "
                      "0 means one second's worth.",
             .is_reloadable = true}),
    };
}

std::vector<Setting> make_ending_settings() {
    constexpr auto server = &Config::server;
    using S = ServerConfig;
    return {
        row<Wait, server, &S::drain_delay>(
            {.key = "server.drain_delay",
             .about = "How long /ready says 503 after SIGTERM before new connections are refused, so that "
                      "a load balancer can notice."}),
        row<Wait, server, &S::stop_timeout>(
            {.key = "server.stop_timeout",
             .about = "How long requests in progress may go on after SIGTERM before they are cancelled."}),
        row<Boolean, server, &S::allows_core_files>(
            {.key = "server.core_files",
             .about = "Whether a crash may leave a core file, as far as the system's limits allow one; it "
                      "holds every secret that the process does."}),
    };
}

std::vector<Setting> make_border_settings() {
    return {
        row<List<Listen>, &Config::tls, &TlsConfig::listen>(
            {.key = "tls.listen",
             .about = "Where to accept HTTPS, written like server.listen; needs tls.certificate_file and "
                      "tls.key_file.",
             .flag = "--tls-listen"}),
        row<FilePath, &Config::tls, &TlsConfig::certificate_file>(
            {.key = "tls.certificate_file",
             .about = "The certificate chain in PEM, the server's own first; read again on SIGHUP.",
             .flag = "--tls-certificate-file",
             .is_reloadable = true}),
        row<FilePath, &Config::tls, &TlsConfig::key_file>(
            {.key = "tls.key_file",
             .about = "The certificate's private key in PEM, readable by the server only; read again on "
                      "SIGHUP.",
             .flag = "--tls-key-file",
             .is_reloadable = true}),
        row<Choice<TlsVersionWords>, &Config::tls, &TlsConfig::minimum_version>(
            {.key = "tls.minimum_version", .about = "The oldest version of TLS that is spoken."}),
        row<List<WebOrigin>, &Config::cors, &CorsConfig::origins>(
            {.key = "cors.origins",
             .about = "The web origins whose scripts may call this server from a browser; * is every one, "
                      "an empty list none."}),
        row<Boolean, &Config::cors, &CorsConfig::has_credentials>(
            {.key = "cors.credentials",
             .about = "Whether those scripts may send cookies and passwords; not together with *."}),
        row<FilePath, &Config::operators, &OperatorsConfig::token_file>(
            {.key = "operators.token_file",
             .about = "A file with the token that opens /metrics and other operator's pages; without it one "
                      "is generated in the data folder."}),
        row<Boolean, &Config::operators, &OperatorsConfig::is_local_trusted>(
            {.key = "operators.trust_local",
             .about = "Whether requests from this machine count as the operator's without the token: over "
                      "loopback, or over a Unix socket by root or the server's own user. Never together "
                      "with a proxy on this machine: one that adds no headers makes everybody local."}),
    };
}

std::vector<Setting> make_identity_settings() {
    return {
        row<FilePath, &Config::identity, &IdentityConfig::pepper_file>(
            {.key = "identity.pepper_file",
             .about =
                 "A file with the secret that keys and sessions are hashed with, the same on every node; "
                 "without it one is generated in the data folder. Whoever loses it makes all of them "
                 "invalid."}),
        row<FilePath, &Config::identity, &IdentityConfig::sealing_key_file>(
            {.key = "identity.sealing_key_file",
             .about = "A file with the secret that second factors and providers' client secrets are sealed "
                      "with, the same on every node; without it one is generated in the data folder. Without "
                      "it they cannot be opened."}),
        row<Boolean, &Config::identity, &IdentityConfig::accepts_changed_secrets>(
            {.key = "identity.accept_changed_secrets",
             .about = "Whether to start although the two secrets above are not those that the database is "
                      "used with, and to take them for the installation's from now on: for one start, when "
                      "the old ones are lost for good."}),
        row<FilePath, &Config::admin, &AdminConfig::password_file>(
            {.key = "admin.password_file",
             .about = "A file with the password of the first administrator, read at the very first start "
                      "alone; without it one is made, which has to be changed."}),
        row<Duration<0, 24 * hour_ms * 36'500>, &Config::audit, &AuditConfig::retention>(
            {.key = "audit.retention",
             .about = "How long entries of the audit log are kept; 0s keeps them for good. What is removed "
                      "leaves its hash, so that the rest can still be verified."}),
    };
}

std::vector<Setting> make_log_settings() {
    return {
        row<Choice<LogLevelWords>, &Config::log, &LogConfig::level>(
            {.key = "log.level",
             .about = "The least important lines that are written; read again on SIGHUP.",
             .flag = "--log-level",
             .is_reloadable = true}),
        row<Choice<LogFormatWords>, &Config::log, &LogConfig::format>(
            {.key = "log.format",
             .about = "How lines look; auto is pretty on a terminal and JSON elsewhere.",
             .flag = "--log-format"}),
        row<FilePath, &Config::log, &LogConfig::file>(
            {.key = "log.file",
             .about = "The file that lines are appended to, instead of standard error; opened anew on "
                      "SIGHUP.",
             .flag = "--log-file"}),
        row<Wait, &Config::log, &LogConfig::slow_request>(
            {.key = "log.slow_request",
             .about = "Requests that take at least this long are logged as slow; 0s logs none.",
             .is_reloadable = true}),
    };
}

std::vector<Setting> make_outward_settings() {
    constexpr auto egress = &Config::egress;
    return {
        row<Boolean, egress, &EgressConfig::is_private_allowed>(
            {.key = "egress.allow_private",
             .about = "Whether the server's own requests (to upstreams, webhooks, probes, sign-in providers, "
                      "issuers of pipelines' tokens) may go to private, and loopback addresses. Link-local "
                      "ones, where clouds keep credentials, stay closed."}),
        row<List<NetworkRange>, egress, &EgressConfig::allowed_networks>(
            {.key = "egress.allow_networks",
             .about = "Networks that they may go to although they are private."}),
        row<List<HostPattern>, egress, &EgressConfig::allowed_hosts>(
            {.key = "egress.allow_hosts",
             .about = "Host names that they may go to although their addresses are private; *.NAME is every "
                      "name below."}),
        row<FilePath, egress, &EgressConfig::ca_file>(
            {.key = "egress.ca_file",
             .about = "The authorities in PEM that vouch for other servers' certificates, besides the "
                      "system's."}),
        row<WebUrl, &Config::tracing, &TracingConfig::otlp_url>(
            {.key = "tracing.otlp_url",
             .about = "The OTLP/HTTP collector that traces are sent to; empty sends none."}),
        row<Ratio, &Config::tracing, &TracingConfig::sample_ratio>(
            {.key = "tracing.sample_ratio",
             .about = "The share of requests that are traced where no trusted proxy has decided."}),
    };
}

std::vector<Setting> make_settings() {
    std::vector<Setting> all{row<FolderPath, &Config::data, &DataConfig::dir>(
        {.key = "data.dir",
         .about = "The folder that holds everything the server keeps; made if it is not there.",
         .flag = "--data"})};
    for (auto* make : {&make_server_settings, &make_traffic_settings, &make_ending_settings,
                       &make_border_settings, &make_identity_settings, &make_log_settings,
                       &make_outward_settings, &make_database_settings, &make_blob_settings})
        for (Setting& setting : make()) all.push_back(std::move(setting));
    return all;
}

}  // namespace

std::string Setting::environment_name() const {
    std::string name = "LODESTONE_";
    for (const char c : key)
        name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return name;
}

std::span<const Setting> settings() {
    static const std::vector<Setting> all = make_settings();
    return all;
}

std::span<const std::string_view> setting_keys() {
    static const std::vector<std::string_view> keys = [] {
        std::vector<std::string_view> all;
        for (const Setting& setting : settings()) all.push_back(setting.key);
        return all;
    }();
    return keys;
}

std::size_t find_setting(std::string_view key) {
    const auto found = std::find(setting_keys().begin(), setting_keys().end(), key);
    return found == setting_keys().end() ? no_setting
                                         : static_cast<std::size_t>(found - setting_keys().begin());
}

std::string_view section_about(std::string_view section) {
    struct Row {
        std::string_view section;
        std::string_view about;
    };
    static constexpr std::array<Row, 15> rows{{
        {"data", "Where things are kept."},
        {"server", "How requests are accepted, and the limits on what clients may do."},
        {"tls", "HTTPS without a proxy in front."},
        {"cors", "Scripts in browsers that come from elsewhere."},
        {"operators", "Who may see the operator's pages."},
        {"identity", "What vouches for keys and sessions."},
        {"admin", "The first administrator."},
        {"audit", "What is remembered of who did what."},
        {"log", "What is written about what happens."},
        {"egress", "Where the server itself may connect to."},
        {"tracing", "Traces for an OpenTelemetry collector."},
        {"database", "Where the registry keeps what it knows: a file in the data folder, or PostgreSQL."},
        {"blobs", "Where the bytes of packages are kept."},
        {"s3", "The S3-compatible store that blobs.store may name; see storage.md."},
        {"redis", "What several nodes share."},
    }};
    for (const Row& row : rows)
        if (row.section == section) return row.about;
    return {};
}

}  // namespace lodestone::app
