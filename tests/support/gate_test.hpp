// A gate over a real database with two tenants in it, each with an app and with alice, who is an admin, and
// bob; and requests that ask it. For the tests of who is let in.
#pragma once

#include <boost/asio/io_context.hpp>
#include <initializer_list>
#include <optional>
#include <string>

#include "identity/gate/gate.hpp"
#include "identity/sign_in/vault.hpp"
#include "support/databases.hpp"
#include "support/gate_runner.hpp"
#include "support/identity_world.hpp"
#include "support/received_headers.hpp"
#include "support/repository_list.hpp"

namespace lodestone::test {

inline constexpr http::Route user_route{http::Method::get, "/tenants/{tenant}/users/{user}",
                                        http::Access::needs("user:read", {.id = "user", .owner = "user"}),
                                        nullptr};
inline constexpr http::Route publish_route{
    http::Method::put, "/tenants/{tenant}/apps/{app}/packages/{name}",
    http::Access::needs("package:publish", {.id = "name", .app = "app"}), nullptr};
inline constexpr http::Route own_factor_route{
    http::Method::post, "/me/second-factor",
    http::Access::needs("second_factor:change",
                        {.tenant = http::caller, .owner = http::caller, .type = "user"}),
    nullptr};
inline constexpr http::Route open_route{http::Method::get, "/open", http::Access::open, nullptr};
inline constexpr http::Route whoami_route{http::Method::get, "/whoami", http::Access::signed_in, nullptr};

class GateTest : public OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        context().database = &database();
        world_.emplace(context(), [this](const std::string& sql) { return run_sql(sql); });
        vault_.emplace(test_vault(), clock(), context().random);
        gate_.emplace(
            context(),
            identity::GateOptions{.operators = {.token = "operator-token"}, .repositories = &repositories_},
            vault_->hasher, &vault_->key_uses);
        database().tell_of_writes(
            [this](const std::vector<db::Change>& changes) { gate_->note_changes(changes); });
        for (const char* tenant : {"acme", "other"}) {
            world_->add_tenant(tenant);
            world_->add_app(tenant, "shop");
            for (const char* user : {"alice", "bob"}) world_->add_user(tenant, user);
            world_->give_role(tenant, "alice", "admin");
        }
    }
    void TearDown() override {
        if (gate_) gate_->stop_watching();
        OnEveryDatabase::TearDown();
    }

    struct Ask {
        const http::Route* route = &user_route;
        std::string tenant = "acme";
        std::string address = "192.0.2.7";
        std::string repository = "npm";
        std::string name = "x";
        std::optional<SteadyTime> started = {};
        bool is_asked_again = false;  // as behind a body
    };
    // "200 alice", "403 You are suspended; …".
    std::string ask(std::initializer_list<http::HeaderField> fields, const Ask& what) {
        const http::ReceivedHeaders headers = make_headers(fields);
        http::Request request;
        request.headers = &headers;
        request.peer.address = what.address;
        request.started = what.started.value_or(clock().steady_now());
        request.deadline = SteadyTime::max();
        request.match = {what.route,
                         {{"tenant", what.tenant},
                          {"user", "bob"},
                          {"app", "shop"},
                          {"repository", what.repository},
                          {"name", what.name}}};
        const auto refusal =
            find_refusal(loop_, what.is_asked_again ? gate().admit_again(request) : gate().admit(request));
        if (refusal) return std::to_string(refusal->status()) + " " + refusal->detail();
        return "200 " + request.principal->actor();
    }
    std::string ask(const std::string& token) { return ask(token, Ask{}); }
    std::string ask(const std::string& token, const Ask& what) {
        const std::string header = "Bearer " + token;
        return ask({{"Authorization", header}}, what);
    }
    IdentityWorld& world() { return *world_; }
    identity::Gate& gate() { return *gate_; }
    RepositoryList& repositories() { return repositories_; }
    boost::asio::io_context& loop() { return loop_; }
    double loads() { return metric("lodestone_principals_total{found=\"database\"}"); }
    double metric(std::string_view series) {
        const std::string page = "\n" + context().metrics.render();
        const auto at = page.find("\n" + std::string(series) + " ");
        return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size() + 2));
    }

  private:
    boost::asio::io_context loop_{1};
    std::optional<IdentityWorld> world_;
    std::optional<identity::Vault> vault_;
    RepositoryList repositories_;
    std::optional<identity::Gate> gate_;
};

}  // namespace lodestone::test
