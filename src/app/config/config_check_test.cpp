// What `config check` finds on the machine: missing files, open secrets, certificates and keys that do not
// match.
#include "app/config/config_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>

#include "app/config/config_settings.hpp"
#include "base/secret_file.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

using ::testing::HasSubstr;

std::string faults_of(const std::vector<ConfigFault>& faults) {
    std::string text;
    for (const ConfigFault& fault : faults) text += (text.empty() ? "" : "\n") + fault.to_text();
    return text;
}

Config make_config() {
    Config config;
    config.origins.resize(settings().size());
    return config;
}

void write_file(const std::string& path, std::string_view text, mode_t mode = 0600) {
    std::ofstream(path, std::ios::binary) << text;
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

std::string read_bio(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

// A fresh key and a certificate that it signed itself, as PEM.
struct Pair {
    std::string certificate;
    std::string key;
};

Pair make_pair() {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    BIO* certificate_text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(certificate_text, certificate);
    BIO* key_text = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(key_text, key, nullptr, nullptr, 0, nullptr, nullptr);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return {read_bio(certificate_text), read_bio(key_text)};
}

TEST(ConfigCheck, TheDefaultsAreSound) {
    EXPECT_EQ(faults_of(check_config(make_config())), "");
}

TEST(ConfigCheck, FindsWhatContradictsOrIsMissing) {
    const test::TempFolder folder;
    write_file(folder / "file", "");
    write_file(folder / "open", "token", 0640 | 0004);
    struct Row {
        std::function<void(Config&)> change;
        std::string fault;
    };
    const auto same = parse_listen_address("127.0.0.1:8080").value();
    for (const Row& row :
         {Row{[&](Config& c) { c.data.dir = folder / "file"; }, "data.dir names "},
          Row{[&](Config& c) { c.server.listen.clear(); }, "server.listen is empty and so is tls.listen"},
          Row{[&](Config& c) { c.server.listen = {same, same}; }, "has 127.0.0.1:8080 twice"},
          Row{[&](Config& c) { c.tls.listen = {same}; },
              "tls.listen needs tls.certificate_file and tls.key_file"},
          Row{[&](Config& c) { c.tls.key_file = folder / "file"; }, "tls.key_file needs its other half"},
          Row{[&](Config& c) { c.operators.token_file = folder / "missing"; },
              "which cannot be opened: No such file or directory"},
          Row{[&](Config& c) { c.operators.token_file = folder / "open"; }, "; run: chmod 600 "},
          Row{[&](Config& c) { c.log.file = folder / ""; }, "which is a folder"},
          Row{[&](Config& c) { c.log.file = folder / "missing/log"; }, "which this user cannot write to"},
          Row{[&](Config& c) { c.egress.ca_file = folder / "file"; }, "holds no certificate in PEM"},
          Row{[&](Config& c) {
                  c.cors.origins = {"*"};
                  c.cors.has_credentials = true;
              },
              "cors.credentials cannot be true while cors.origins is *"}}) {
        Config config = make_config();
        row.change(config);
        EXPECT_THAT(faults_of(check_config(config)), HasSubstr(row.fault));
    }
    Config config = make_config();
    config.server.listen = {parse_listen_address("127.0.0.1:0").value(),
                            parse_listen_address("127.0.0.1:0").value()};
    EXPECT_EQ(faults_of(check_config(config)), "") << "two free ports are two ports";
}

TEST(ConfigCheck, CertificateAndKeyBelongTogether) {
    const test::TempFolder folder;
    const Pair one = make_pair();
    const Pair other = make_pair();
    write_file(folder / "certificate.pem", one.certificate, 0644);
    write_file(folder / "key.pem", one.key);
    write_file(folder / "other.pem", other.key);
    write_file(folder / "open.pem", one.key, 0644);
    write_file(folder / "nonsense.pem", "nonsense");
    const auto check = [&](std::string_view certificate, std::string_view key) {
        Config config = make_config();
        config.tls.certificate_file = folder / certificate;
        config.tls.key_file = folder / key;
        return faults_of(check_config(config));
    };
    EXPECT_EQ(check("certificate.pem", "key.pem"), "");
    EXPECT_THAT(check("certificate.pem", "other.pem"), HasSubstr("is not the key of the certificate in"));
    EXPECT_THAT(check("certificate.pem", "open.pem"), HasSubstr("is open to everybody (mode 0644)"));
    EXPECT_THAT(check("certificate.pem", "nonsense.pem"), HasSubstr("holds no private key in PEM"));
    EXPECT_THAT(check("key.pem", "key.pem"), HasSubstr("holds no certificate in PEM"));
    EXPECT_THAT(check("missing.pem", "key.pem"), HasSubstr("cannot be opened"));
}

TEST(ConfigCheck, WantsAllThatAnS3StoreNeeds) {
    Config config = make_config();
    config.s3.endpoint = "https://s3.example/bucket";
    EXPECT_EQ(faults_of(check_config(config)), "") << "nobody uses it";
    config.blobs.store = BlobStore::s3;
    const std::string faults = faults_of(check_config(config));
    for (const char* fault :
         {"blobs.store is s3, which needs s3.bucket", "blobs.store is s3, which needs s3.access_key",
          "blobs.store is s3, which needs s3.secret_key", "s3.endpoint has a path or a query"})
        EXPECT_THAT(faults, HasSubstr(fault));
    config.s3.endpoint = "http://s3.example:9000";
    config.s3.bucket = "lodestone";
    config.s3.access_key = "key";
    config.s3.secret_key = "secret";
    EXPECT_EQ(faults_of(check_config(config)), "");
}

TEST(ConfigCheck, TheDatabaseSettingsBelongTogether) {
    Config config = make_config();
    config.database.replicas = {"postgres://standby.example/lodestone"};
    config.database.migrations_url = "postgres://db.example/lodestone";
    config.database.min_connections = config.database.max_connections + 1;
    const std::string faults = faults_of(check_config(config));
    EXPECT_THAT(faults, HasSubstr("database.replicas is set, but database.url is not"));
    EXPECT_THAT(faults, HasSubstr("database.migrations_url is set, but database.url is not"));
    EXPECT_THAT(faults, HasSubstr("database.min_connections is more than database.max_connections"));
    config.database.url = "postgres://one.example,two.example:5433/lodestone";
    config.database.min_connections = 1;
    config.database.pooler = Pooler::transaction;
    EXPECT_EQ(faults_of(check_config(config)), "");
    config.database.migrations_url.clear();
    EXPECT_THAT(faults_of(check_config(config)), HasSubstr("migrations need the server's own address"));
}

TEST(ConfigFiles, ShellQuoting) {
    EXPECT_EQ(quote_for_shell("/etc/lodestone/key.pem"), "/etc/lodestone/key.pem");
    EXPECT_EQ(quote_for_shell("/a b/it's"), "'/a b/it'\\''s'");
    EXPECT_EQ(quote_for_shell(""), "''");
}

TEST(ConfigFiles, ReadWithinALimit) {
    const test::TempFolder folder;
    write_file(folder / "file", "12345");
    EXPECT_EQ(read_file(folder / "file", 5).text, "12345");
    EXPECT_EQ(read_file(folder / "file", 4).fault, "is larger than 4 bytes");
}

}  // namespace
}  // namespace lodestone::app
