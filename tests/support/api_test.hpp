// Tests of our API as its clients see it: the real Door and its routes on a real server, over a fresh
// database of each engine. Requests go over a socket; answers come back with their JSON read.
//
//     class TenantApi : public test::ApiTest {};
//     INSTANTIATE_ON_EVERY_DATABASE(TenantApi);
//     TEST_P(TenantApi, MakesOne) {
//         const auto made = ask("POST /api/v1/tenants", R"({"name":"Acme"})");
//         EXPECT_EQ(made.status, 201);
//     }
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <vector>

#include "api/routes.hpp"
#include "app/config/config.hpp"
#include "app/serving/client_options.hpp"
#include "app/serving/serve.hpp"
#include "base/worker_threads.hpp"
#include "blobs/blobs.hpp"
#include "blobs/store/memory_store.hpp"
#include "http/client/client.hpp"
#include "identity/federation/federation.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/key.hpp"
#include "ledger/audit.hpp"
#include "ledger/refusals.hpp"
#include "packages/count_downloads.hpp"
#include "packages/directory.hpp"
#include "packages/index_memory.hpp"
#include "support/databases.hpp"
#include "support/identity_world.hpp"
#include "support/loop_thread.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"
#include "web/web_login.hpp"

namespace lodestone::test {

struct Reply : Answer {
    boost::json::value json;  // null when the body is none

    // By JSON pointer, as text: "/items/0/name"; what is no text in its JSON form, and empty when there is
    // none.
    std::string at(std::string_view pointer) const {
        boost::system::error_code error;
        const boost::json::value* found = json.find_pointer(pointer, error);
        if (found == nullptr) return {};
        return found->is_string() ? std::string(found->as_string()) : boost::json::serialize(*found);
    }
    // "400 invalid-input /name: It is missing."
    std::string refusal() const { return std::to_string(status) + " " + at("/code") + " " + at("/detail"); }
};

class ApiTest : public OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        context().database = &database();
        database().keep_records(ledger::make_record_keeper(context()));
        repositories_ = std::make_unique<packages::Directory>(context(), packages::served_formats());
        indexes_ = std::make_unique<packages::IndexMemory>(context(), index_workers_);
        repositories_->keep_indexes_in(*indexes_);
        identity_ = std::make_unique<identity::Identity>(
            context(), identity::IdentityOptions{
                           .vault = test_vault(),
                           .gate = {.operators = {.token = operator_token(), .trusts_local = false},
                                    .refusals = &refusals_,
                                    .repositories = repositories_.get()}});
        context().identity = identity_.get();
        database().tell_of_writes([this](const std::vector<db::Change>& changes) {
            identity_->gate.note_changes(changes);
            repositories_->note_changes(changes);
            indexes_->note_changes(changes);
        });
        blobs_ = std::make_unique<blobs::Blobs>(make_store(), database(), context());
        blobs_->give_links(link_rule());
        repositories_->keep_bytes_in(*blobs_);
        downloads_ = std::make_unique<packages::DownloadCounter>(context());
        repositories_->count_downloads_with(*downloads_);
        formats_ = packages::list_routes(packages::served_formats());
        tables_ = {api::api_routes(), web::web_login_routes(), formats_};
        door_ = std::make_unique<app::Door>(context(), identity_->gate, serve_options(), tables_);
        server_ = std::make_unique<TestServer>(
            context(), [this](http::Exchange& exchange) { return door_->serve(exchange); },
            http::ServerOptions{});
    }
    void TearDown() override {
        if (server_) server_->stop();
        federation_.reset();
        client_.reset();
        server_.reset();
        door_.reset();
        if (identity_) identity_->stop();
        if (blobs_) blobs_->stop();
        OnEveryDatabase::TearDown();
    }

    // Where bytes are kept, and whether clients are sent there.
    virtual std::unique_ptr<blobs::Store> make_store() { return blobs::make_memory_store(); }
    virtual blobs::LinkRule link_rule() { return {}; }

    // Lets providers and issuers be asked, as far as these settings let them be reached.
    void federate(const app::Config& config) {
        client_ =
            std::make_unique<http::Client>(app::client_options(config), context().metrics, context().log);
        federation_ = std::make_unique<identity::Federation>(context(), *client_, identity_->vault.sealer,
                                                             identity_->vault.mint, config.server.public_url);
        identity_->federation = federation_.get();
    }

    // Whose token is shown from now on; none: nobody's. At first it is the operator's.
    void act_as(std::string token) { token_ = std::move(token); }
    static std::string operator_token() { return "operator-token-of-this-test"; }
    // A key of a user's own, good for everything or for `scopes`.
    std::string make_key(const std::string& tenant, const std::string& user, identity::Scopes scopes = {}) {
        identity::NewKey wanted;
        wanted.user_id = identity::UserId::trusted(user);
        wanted.name = "key of a test";
        wanted.scopes = std::move(scopes);
        return write([&](db::Tx& tx) {
                   return identity::issue_key(tx, TenantId::trusted(tenant), wanted, identity_->vault.mint);
               })
            .text;
    }
    // A tenant with an owner called "owner", made by the operator; answers the owner's key.
    std::string make_tenant(const std::string& id) {
        const std::string before = std::exchange(token_, operator_token());
        const Reply made = ask("POST /api/v1/tenants", R"({"id":")" + id + R"(","name":"Tenant )" + id +
                                                           R"(","owner":{"id":"owner","username":"owner"}})");
        EXPECT_EQ(made.status, 201) << made.body;
        token_ = before;
        return make_key(id, "owner");
    }

    // One request on a connection of its own; `line` is "GET /path", headers end in "\r\n" each.
    Reply ask(const std::string& line, const std::string& body = {}, const std::string& headers = {}) {
        std::string request = line + " HTTP/1.1\r\nHost: registry.example\r\n" + headers;
        if (!token_.empty() && headers.find("Authorization") == headers.npos)
            request += "Authorization: Bearer " + token_ + "\r\n";
        if (!body.empty()) {
            if (headers.find("Content-Type") == headers.npos) request += "Content-Type: application/json\r\n";
            request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        request += "\r\n" + body;
        const bool is_head = line.starts_with("HEAD ");
        Reply reply{RawClient(server_->port())
                        .exchange(request, is_head ? RawClient::HasBody::no : RawClient::HasBody::yes),
                    nullptr};
        boost::system::error_code error;
        boost::json::value json = boost::json::parse(reply.body, error);
        if (!error) reply.json = std::move(json);
        return reply;
    }
    static std::string if_match(const std::string& etag) { return "If-Match: " + etag + "\r\n"; }

    // Puts other bytes where the store keeps these, as a disk might, or removes them; no row learns of it.
    void damage(std::string_view content, const std::string& instead) {
        LoopThread().run(blobs_->store().put_small(key_of(content), instead));
    }
    void lose(std::string_view content) { LoopThread().run(blobs_->store().remove(key_of(content))); }

    // As the maintenance of a server would do now and then.
    void write_downloads() { downloads_->write(database()); }

    app::Door& door() { return *door_; }
    ledger::RefusalRecorder& refusals() { return refusals_; }
    std::uint16_t port() const { return server_->port(); }

  private:
    blobs::BlobKey key_of(std::string_view content) {
        Sha256Digest digest;
        digest.add(content);
        const Sha256 sha256 = digest.finish();
        const auto blob = read([&](db::Tx& tx) { return blobs::find_readable_blob(tx, sha256); });
        EXPECT_TRUE(blob) << content;
        return blob ? blob->key() : blobs::BlobKey{};
    }
    static app::ServeOptions serve_options() {
        return {.handler_timeout = std::chrono::minutes(1), .limits = {}, .cors = {}};
    }

    ledger::RefusalRecorder refusals_{context()};
    std::string token_ = operator_token();
    std::vector<http::Route> formats_;
    std::vector<std::span<const http::Route>> tables_;
    std::unique_ptr<blobs::Blobs> blobs_;
    std::unique_ptr<packages::IndexMemory> indexes_;
    WorkerThreads index_workers_{1};  // ends before what it works for
    std::unique_ptr<packages::DownloadCounter> downloads_;
    std::unique_ptr<packages::Directory> repositories_;
    std::unique_ptr<identity::Identity> identity_;
    std::unique_ptr<app::Door> door_;
    std::unique_ptr<TestServer> server_;
    std::unique_ptr<http::Client> client_;
    std::unique_ptr<identity::Federation> federation_;
};

}  // namespace lodestone::test
