// Everything that an operator may decide, as typed values. The defaults stand here (and in base/limits.hpp);
// what each setting is called and means stands in one table, config_settings.cpp; config_load.hpp fills it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/config/config_sources.hpp"
#include "app/config/config_values.hpp"
#include "base/blob_limits.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "db/capabilities.hpp"
#include "http/message/network.hpp"
#include "http/server/forwarded.hpp"

namespace lodestone::app {

using Milliseconds = std::chrono::milliseconds;

struct DataConfig {
    std::string dir = "./data";
};

struct ServerConfig {
    std::vector<ListenAddress> listen{
        {.kind = ListenAddress::Kind::tcp, .host = "127.0.0.1", .port = 8080, .path = {}}};
    std::string public_url;  // empty: what the request's Host says
    std::vector<http::Network> trusted_proxies;
    http::ForwardedFamily forwarded_family = http::ForwardedFamily::x_forwarded;
    std::uint64_t threads = 0;  // 0: one per core
    std::uint64_t head_bytes = limits::head_bytes;
    Milliseconds head_timeout = limits::head_timeout;
    Milliseconds idle_timeout = limits::idle_timeout;
    Milliseconds handler_timeout = limits::handler_timeout;
    Milliseconds body_grace = limits::body_grace;
    std::uint64_t body_rate_bytes = limits::body_rate_bytes;
    std::uint64_t buffered_bodies_bytes = limits::buffered_bodies_bytes;
    std::uint64_t connections = limits::connections;
    std::uint64_t connections_per_client = limits::connections_per_client;
    std::uint64_t requests_per_second_per_client = 0;  // 0: no such limit
    std::uint64_t request_burst_per_client = 0;        // 0: one second's worth
    Milliseconds drain_delay{0};
    Milliseconds stop_timeout = limits::stop_timeout;
    bool allows_core_files = false;
};

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };
struct TlsConfig {
    std::vector<ListenAddress> listen;
    std::string certificate_file;
    std::string key_file;
    TlsVersion minimum_version = TlsVersion::v1_2;
};

struct CorsConfig {
    std::vector<std::string> origins;
    bool has_credentials = false;
};

struct OperatorsConfig {
    std::string token_file;  // empty: one that is generated in the data folder
    bool is_local_trusted = false;
};

struct IdentityConfig {
    std::string pepper_file;       // empty: one that is generated in the data folder
    std::string sealing_key_file;  // likewise
    bool accepts_changed_secrets = false;
};

// Of the first start.
struct AdminConfig {
    std::string password_file;  // empty: a password is made
};

struct AuditConfig {
    Milliseconds retention{0};  // 0: for good
};

enum class LogFormatChoice : std::uint8_t { automatic, json, pretty };
struct LogConfig {
    LogLevel level = LogLevel::info;
    LogFormatChoice format = LogFormatChoice::automatic;
    std::string file;  // empty: standard error
    Milliseconds slow_request{1000};
};

struct EgressConfig {
    bool is_private_allowed = false;
    std::vector<http::Network> allowed_networks;
    std::vector<std::string> allowed_hosts;
    std::string ca_file;  // empty: the system's
};

struct TracingConfig {
    std::string otlp_url;  // empty: off
    double sample_ratio = 1.0;
};

enum class MigrationPolicy : std::uint8_t { by_engine, automatic, check, off };
enum class Pooler : std::uint8_t { none, transaction };
struct DatabaseConfig {
    std::string url;  // empty: SQLite in the data folder
    std::vector<std::string> replicas;
    std::string migrations_url;  // empty: url
    MigrationPolicy migrations = MigrationPolicy::by_engine;
    std::uint64_t readers = 2;
    std::uint64_t min_connections = 2;
    std::uint64_t max_connections = 16;
    std::uint64_t queue = limits::database_queue;
    Milliseconds connect_timeout = limits::database_connect_timeout;
    Milliseconds acquire_timeout = limits::database_acquire_timeout;
    Milliseconds statement_timeout = limits::database_statement_timeout;
    Milliseconds lock_timeout = limits::database_lock_timeout;
    Milliseconds idle_timeout = limits::database_idle_timeout;
    Milliseconds max_lifetime = limits::database_max_lifetime;
    Pooler pooler = Pooler::none;
    db::Lacks lacks;

    bool is_embedded() const { return url.empty(); }
};

enum class BlobStore : std::uint8_t { filesystem, s3 };
struct BlobsConfig {
    BlobStore store = BlobStore::filesystem;
    std::string dir;  // empty: a folder in the data folder
    Milliseconds grace = limits::blob_grace;
    Milliseconds scrub_interval = limits::scrub_interval;
    std::uint64_t scrub_rate_bytes = limits::scrub_rate_bytes;  // a second; 0: no scrubbing
};

enum class S3AddressingChoice : std::uint8_t { path, virtual_host };
struct S3Config {
    std::string endpoint;
    std::string bucket;
    std::string region = "us-east-1";
    std::string access_key;
    std::string secret_key;
    S3AddressingChoice addressing = S3AddressingChoice::path;
    std::string prefix;
    bool checks_etags = true;
    std::uint64_t buffer_bytes = limits::s3_buffer_bytes;
    bool redirects = false;
    Milliseconds redirect_lifetime = limits::s3_link_lifetime;
};

struct RedisConfig {
    std::string url;  // empty: none
};

struct Config {
    DataConfig data;
    ServerConfig server;
    TlsConfig tls;
    CorsConfig cors;
    OperatorsConfig operators;
    IdentityConfig identity;
    AdminConfig admin;
    AuditConfig audit;
    LogConfig log;
    EgressConfig egress;
    TracingConfig tracing;
    DatabaseConfig database;
    BlobsConfig blobs;
    S3Config s3;
    RedisConfig redis;

    std::string file;             // the TOML file that was read; empty: none
    std::vector<Origin> origins;  // one for each entry of settings()
    ConfigSources sources;        // what to read again on SIGHUP

    std::size_t thread_count() const;
    // `is_terminal`: whether standard error is one.
    LogFormat log_format(bool is_terminal) const;
};

}  // namespace lodestone::app
