// Checks of the configuration against the machine and against itself.
#include "app/config/config_check.hpp"

#include <openssl/x509.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "app/config/config_settings.hpp"
#include "base/secret_file.hpp"
#include "http/message/url.hpp"
#include "http/wire/tls_files.hpp"

namespace lodestone::app {
namespace {

namespace fs = std::filesystem;

class Checker {
  public:
    explicit Checker(const Config& config) : config_(config) {}

    std::vector<ConfigFault> check() {
        check_data_folder();
        check_addresses();
        check_tls();
        if (!config_.operators.token_file.empty())
            check_secret("operators.token_file", config_.operators.token_file);
        if (!config_.identity.pepper_file.empty())
            check_secret("identity.pepper_file", config_.identity.pepper_file);
        if (!config_.identity.sealing_key_file.empty())
            check_secret("identity.sealing_key_file", config_.identity.sealing_key_file);
        check_log_file();
        check_authorities();
        check_database();
        check_s3();
        const auto& origins = config_.cors.origins;
        if (config_.cors.has_credentials && std::find(origins.begin(), origins.end(), "*") != origins.end())
            refuse("cors.credentials", "cannot be true while cors.origins is *; name the origins");
        return std::move(faults_);
    }

  private:
    void refuse(std::string_view key, std::string detail) {
        const Origin& origin = config_.origins.at(find_setting(key));
        const bool is_default = origin.kind == Origin::Kind::built_in;
        faults_.push_back({is_default ? "" : origin.to_text(), std::string(key), std::move(detail)});
    }

    void check_secret(std::string_view key, const std::string& path) {
        if (const auto fault = check_secret_file(path)) refuse(key, "names " + path + ", which " + *fault);
    }

    // What is missing will be made; what is there must be ours.
    void check_data_folder() {
        const std::string& folder = config_.data.dir;
        std::error_code error;
        const fs::file_status status = fs::status(folder, error);
        if (status.type() == fs::file_type::not_found) return;
        if (status.type() != fs::file_type::directory)
            return refuse("data.dir", "names " + folder + ", which is no folder");
        if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
            refuse("data.dir", "names " + folder + ", which this user cannot write to");
    }

    void check_addresses() {
        const auto& plain = config_.server.listen;
        if (plain.empty() && config_.tls.listen.empty())
            refuse("server.listen", "is empty and so is tls.listen; nobody could connect");
        std::vector<ListenAddress> seen;
        for (const auto* list : {&plain, &config_.tls.listen}) {
            for (const ListenAddress& address : *list) {
                const bool is_free_port = address.kind == ListenAddress::Kind::tcp && address.port == 0;
                if (!is_free_port && std::find(seen.begin(), seen.end(), address) != seen.end())
                    refuse(list == &plain ? "server.listen" : "tls.listen",
                           "has " + render_listen_address(address) +
                               " twice; each address can be listened on once");
                seen.push_back(address);
            }
        }
    }

    void check_tls() {
        const TlsConfig& tls = config_.tls;
        if (!tls.listen.empty() && (tls.certificate_file.empty() || tls.key_file.empty()))
            refuse("tls.listen", "needs tls.certificate_file and tls.key_file");
        else if (tls.certificate_file.empty() != tls.key_file.empty())
            refuse(tls.key_file.empty() ? "tls.certificate_file" : "tls.key_file",
                   "needs its other half, the certificate's file or the key's");
        if (tls.certificate_file.empty() || tls.key_file.empty()) return;
        const auto certificate =
            take("tls.certificate_file", tls.certificate_file, http::read_certificate(tls.certificate_file));
        const auto key = take("tls.key_file", tls.key_file, http::read_private_key(tls.key_file));
        if (certificate && key && X509_check_private_key(certificate.get(), key.get()) != 1)
            refuse("tls.key_file", "names " + tls.key_file + ", which is not the key of the certificate in " +
                                       tls.certificate_file);
    }

    template <class T>
    std::shared_ptr<T> take(std::string_view key, const std::string& path, http::PemObject<T> object) {
        if (!object.value) refuse(key, "names " + path + ", which " + object.fault);
        return std::move(object.value);
    }

    void check_log_file() {
        const std::string& path = config_.log.file;
        if (path.empty()) return;
        const std::string parent = fs::path(path).parent_path().string();
        const std::string folder = parent.empty() ? "." : parent;
        std::error_code error;
        const bool is_there = fs::exists(path, error);
        if (fs::is_directory(path, error)) return refuse("log.file", "names " + path + ", which is a folder");
        if (::access(is_there ? path.c_str() : folder.c_str(), W_OK) != 0)
            refuse("log.file", "names " + path + ", which this user cannot write to");
    }

    void check_authorities() {
        const std::string& file = config_.egress.ca_file;
        if (!file.empty()) take("egress.ca_file", file, http::read_certificate(file));
    }

    void check_database() {
        const DatabaseConfig& database = config_.database;
        if (database.min_connections > database.max_connections)
            refuse("database.min_connections", "is more than database.max_connections");
        const bool is_pooled = database.pooler == Pooler::transaction;
        if (is_pooled && database.migrations_url.empty() && database.migrations != MigrationPolicy::off)
            refuse("database.pooler",
                   "is transaction, so migrations need the server's own address: set "
                   "database.migrations_url, or database.migrations to off");
        if (!database.is_embedded()) return;
        if (!database.replicas.empty())
            refuse("database.replicas", "is set, but database.url is not; name the primary there");
        if (!database.migrations_url.empty())
            refuse("database.migrations_url", "is set, but database.url is not; name the database there");
    }

    void check_s3() {
        if (config_.blobs.store != BlobStore::s3) return;
        const S3Config& s3 = config_.s3;
        const std::pair<std::string_view, const std::string&> needed[] = {{"s3.endpoint", s3.endpoint},
                                                                          {"s3.bucket", s3.bucket},
                                                                          {"s3.region", s3.region},
                                                                          {"s3.access_key", s3.access_key},
                                                                          {"s3.secret_key", s3.secret_key}};
        for (const auto& [key, value] : needed)
            if (value.empty()) refuse("blobs.store", "is s3, which needs " + std::string(key));
        const auto url = http::parse_url(s3.endpoint).url;
        if (url && url->path_and_query != "/")
            refuse("s3.endpoint", "has a path or a query; name the bucket in s3.bucket");
    }

    const Config& config_;
    std::vector<ConfigFault> faults_;
};

}  // namespace

std::vector<ConfigFault> check_config(const Config& config) {
    return Checker(config).check();
}

}  // namespace lodestone::app
