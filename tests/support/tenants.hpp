// Two tenants and short words to fill them, on every database: for the tests of everything that belongs to a
// tenant.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "identity/nouns/app.hpp"
#include "identity/nouns/branch.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/user.hpp"
#include "ledger/audit.hpp"
#include "support/databases.hpp"

namespace lodestone::test {

class WithTenants : public OnEveryDatabase {
  protected:
    // Each unit of work at a time of its own, so that the audit log has an order.
    template <class Function>
    auto write(Function function, db::Unit unit = {.actor = "alice", .request_id = "request-1"}) {
        clock().advance(std::chrono::milliseconds(1));
        return OnEveryDatabase::write(std::move(function), std::move(unit));
    }
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        database().keep_records(ledger::make_record_keeper(context()));
        for (const auto& [id, name] : {std::pair(acme, "Acme"), std::pair(other, "Other")})
            write([&](db::Tx& tx) {
                identity::Tenant tenant;
                tenant.id = id;
                tenant.name = name;
                return identity::insert_tenant(tx, tenant);
            });
    }
    identity::App make_app(std::string name) {
        identity::App app;
        app.id = new_id<identity::AppId>();
        app.name = std::move(name);
        return app;
    }
    identity::App insert_app(std::string name) {
        return write([&](db::Tx& tx) { return identity::insert_app(tx, acme, make_app(name)); });
    }
    identity::User make_user(std::string username) {
        identity::User user;
        user.id = new_id<identity::UserId>();
        user.username = std::move(username);
        user.email = user.username + "@acme.example";
        return user;
    }
    identity::User insert_user(std::string username) {
        return write([&](db::Tx& tx) { return identity::insert_user(tx, acme, make_user(username)); });
    }
    // What the audit log says happened to it, the newest first.
    std::vector<std::string> list_actions(const std::string& subject) {
        std::vector<std::string> actions;
        for (const auto& entry : read([&](db::Tx& tx) { return ledger::list_audit(tx, acme, {}); }).items)
            if (entry.subject == subject) actions.push_back(entry.actor + " " + entry.action);
        return actions;
    }
    template <class Rows>
    static std::vector<std::string> names_of(const Rows& rows) {
        std::vector<std::string> names;
        for (const auto& row : rows) {
            if constexpr (requires { row.username; })
                names.push_back(row.username);
            else
                names.push_back(row.name);
        }
        return names;
    }

    const TenantId acme = TenantId::trusted("acme");
    const TenantId other = TenantId::trusted("other");
};

}  // namespace lodestone::test
