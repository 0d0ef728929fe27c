// A whole registry as one object, over a database and a store that outlive it: what a process of the server's
// is made of, without its configuration and its chores. Several, one after the other or forked, go on where
// the last one ended.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/routes.hpp"
#include "app/serving/serve.hpp"
#include "blobs/blobs.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "blobs/store/s3_store.hpp"
#include "db/database.hpp"
#include "db/open_database.hpp"
#include "http/client/client.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/key.hpp"
#include "ledger/audit.hpp"
#include "packages/count_downloads.hpp"
#include "packages/directory.hpp"
#include "packages/index_memory.hpp"
#include "support/http_loop_thread.hpp"
#include "support/identity_world.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace lodestone::test {

// Where everything is that stays.
struct RegistryPlace {
    db::EngineKind engine = db::EngineKind::sqlite;
    std::string database;                // a path, or a URL
    std::string folder;                  // of blobs
    std::optional<blobs::S3Options> s3;  // instead of the folder
};

class RegistryProgram {
  public:
    explicit RegistryProgram(const RegistryPlace& place, Time now, blobs::Disk* disk = nullptr)
        : clock_(now), database_(open_engine(place)) {
        context_.database = &database_;
        database_.keep_records(ledger::make_record_keeper(context_));
        identity_ = std::make_unique<identity::Identity>(
            context_, identity::IdentityOptions{
                          .vault = test_vault(),
                          .gate = {.operators = {.token = operator_token(), .trusts_local = false},
                                   .refusals = nullptr,
                                   .repositories = &repositories_}});
        context_.identity = identity_.get();
        database_.tell_of_writes([this](const std::vector<db::Change>& changes) {
            identity_->gate.note_changes(changes);
            repositories_.note_changes(changes);
            indexes_.note_changes(changes);
        });
        blobs_ = std::make_unique<blobs::Blobs>(open_store(place, disk), database_, context_);
        repositories_.keep_bytes_in(*blobs_);
        repositories_.count_downloads_with(downloads_);
        repositories_.keep_indexes_in(indexes_);
        door_ = std::make_unique<app::Door>(
            context_, identity_->gate,
            app::ServeOptions{.handler_timeout = std::chrono::minutes(1), .limits = {}, .cors = {}}, tables_);
        server_ = std::make_unique<TestServer>(
            context_, [this](http::Exchange& exchange) { return door_->serve(exchange); },
            http::ServerOptions{});
    }
    ~RegistryProgram() {
        server_->stop();
        identity_->stop();
        blobs_->stop();
        database_.engine().stop();
        workers_.stop();
        loop_.stop();
        // While the loops are there that their connections belong to.
        blobs_.reset();
        client_.reset();
    }
    RegistryProgram(const RegistryProgram&) = delete;
    RegistryProgram& operator=(const RegistryProgram&) = delete;

    // One request on a connection of its own; `line` is "GET /path", headers end in "\r\n" each.
    Answer ask(const std::string& line, const std::string& token, const std::string& body = {},
               const std::string& headers = {}) const {
        const std::string request = line + " HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer " +
                                    token + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                                    headers + "\r\n" + body;
        const bool is_head = line.starts_with("HEAD ");
        return RawClient(server_->port())
            .exchange(request, is_head ? RawClient::HasBody::no : RawClient::HasBody::yes);
    }
    static std::string operator_token() { return "operator-token-of-this-test"; }
    // A key of a user's own, good for everything.
    std::string make_key(const std::string& tenant, const std::string& user) {
        identity::NewKey wanted;
        wanted.user_id = identity::UserId::trusted(user);
        wanted.name = "key of a test";
        auto issue = [&](db::Tx& tx) {
            return identity::issue_key(tx, TenantId::trusted(tenant), wanted, identity_->vault.mint);
        };
        return database_.write_now({}, issue).text;
    }

    blobs::Blobs& blobs() { return *blobs_; }
    db::Database& database() { return database_; }
    FakeClock& clock() { return clock_; }
    HttpLoopThread& loop() { return loop_; }

  private:
    std::unique_ptr<db::Engine> open_engine(const RegistryPlace& place) {
        if (place.engine == db::EngineKind::sqlite)
            return db::open_sqlite({.path = place.database}, context_);
        return db::open_postgres({.url = place.database, .lacks = {}}, context_);
    }
    std::unique_ptr<blobs::Store> open_store(const RegistryPlace& place, blobs::Disk* disk) {
        if (!place.s3)
            return blobs::open_filesystem_store({.folder = place.folder, .disk = disk}, workers_, context_);
        return blobs::open_s3_store(*place.s3, *client_, workers_, loop_.executor(), context_);
    }

    FakeClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::off, .file = {}}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
    std::unique_ptr<http::Client> client_ =
        std::make_unique<http::Client>(http::ClientOptions{}, metrics_, log_);
    HttpLoopThread loop_{metrics_};
    WorkerThreads workers_{2};
    db::Database database_;
    packages::Directory repositories_{context_, packages::served_formats()};
    packages::DownloadCounter downloads_{context_};
    packages::IndexMemory indexes_{context_, workers_};
    std::unique_ptr<identity::Identity> identity_;
    std::vector<http::Route> formats_ = packages::list_routes(packages::served_formats());
    std::vector<std::span<const http::Route>> tables_{api::api_routes(), formats_};
    std::unique_ptr<blobs::Blobs> blobs_;
    std::unique_ptr<app::Door> door_;
    std::unique_ptr<TestServer> server_;
};

}  // namespace lodestone::test
