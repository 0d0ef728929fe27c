// Tests of signing in, on every database: two tenants, a user with a password that costs little to check, and
// a way to wait for a coroutine.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "identity/nouns/credentials.hpp"
#include "identity/sign_in/sign_in.hpp"
#include "identity/sign_in/vault.hpp"
#include "ledger/audit.hpp"
#include "support/databases.hpp"

namespace lodestone::test {

inline const TenantId acme = TenantId::trusted("acme");
inline const TenantId other_tenant = TenantId::trusted("other");
inline const identity::UserId alice = identity::UserId::trusted("alice-id");
inline const std::string password_of_alice = "tall green mug";

class SigningIn : public OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        database().keep_records(ledger::make_record_keeper(context()));
        insert_tenant("acme");
        insert_tenant("other");
        insert_user("acme", "alice-id", "alice", "alice@acme.example");
        vault_ = make_vault();
        store_password(alice, password_of_alice);
    }
    void TearDown() override {
        vault_.reset();
        OnEveryDatabase::TearDown();
    }

    // As another node has it: the same keys, and none of the memory.
    std::unique_ptr<identity::Vault> make_vault() {
        return std::make_unique<identity::Vault>(vault_options(), clock(), context().random);
    }
    static identity::VaultOptions vault_options() {
        return {.pepper = "pepper of this test, long enough",
                .sealing_keys = {"sealing key of this test"},
                .password_cost = {.passes = 1, .memory_kib = 8}};
    }
    identity::Vault& vault() { return *vault_; }

    void insert_tenant(const std::string& id) {
        run_sql(
            "INSERT INTO tenants (id, name, name_folded, status, metadata, version, created_at, created_by, "
            "updated_at, updated_by) VALUES ('" +
            id + "', '" + id + "', '" + id + "', 'active', '{}', 1, 1, 'x', 1, 'x')");
    }
    void insert_user(const std::string& tenant, const std::string& id, const std::string& name,
                     const std::string& email) {
        run_sql(
            "INSERT INTO users (tenant_id, id, username, username_folded, email, email_folded, full_name, "
            "status, metadata, version, created_at, created_by, updated_at, updated_by) VALUES ('" +
            tenant + "', '" + id + "', '" + name + "', '" + name + "', '" + email + "', '" + email +
            "', '', 'active', '{}', 1, 1, 'x', 1, 'x')");
    }
    void store_password(const identity::UserId& user, const std::string& password,
                        identity::MustChange must_change = identity::MustChange::no) {
        const std::string hash = identity::hash_password(password, vault().passwords.cost()).value();
        write([&](db::Tx& tx) { identity::store_password(tx, acme, user, hash, must_change); });
    }
    void set_settings(const std::string& json) {
        run_sql("UPDATE tenants SET settings = '" + json + "' WHERE id = 'acme'");
    }
    void set_config(const std::string& json) {
        run_sql("UPDATE tenants SET config = '" + json + "' WHERE id = 'acme'");
    }
    identity::Credentials credentials_of(const identity::UserId& user) {
        return read([&](db::Tx& tx) { return identity::find_credentials(tx, acme, user); }).value();
    }

    identity::SignInRequest request(std::string account = "alice", std::string password = password_of_alice) {
        return {.tenant = acme,
                .account = std::move(account),
                .password = std::move(password),
                .visitor = visitor};
    }
    identity::SignInOutcome try_sign_in(identity::SignInRequest wanted) {
        return await(identity::sign_in(vault(), database(), std::move(wanted), unit()));
    }
    identity::SignedIn sign_in() { return try_sign_in(request()).signed_in.value(); }
    static db::Unit unit() { return {.actor = "anonymous", .request_id = "request-1"}; }

    // Runs the coroutine to its end on this thread.
    template <class T>
    T await(Task<T> task) {
        std::exception_ptr failure;
        loop_.restart();
        const auto guard = boost::asio::make_work_guard(loop_);
        if constexpr (std::is_void_v<T>) {
            boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr error) {
                failure = error;
                loop_.stop();
            });
            loop_.run();
            if (failure) std::rethrow_exception(failure);
        } else {
            std::optional<T> result;
            boost::asio::co_spawn(loop_, std::move(task), [&](std::exception_ptr error, T value) {
                failure = error;
                result = std::move(value);
                loop_.stop();
            });
            loop_.run();
            if (failure) std::rethrow_exception(failure);
            return *std::move(result);
        }
    }
    // What a coroutine is refused with, as "code: sentence"; empty when it is not.
    template <class T>
    std::string refusal_of_task(Task<T> task) {
        try {
            await(std::move(task));
        } catch (const Problem& problem) {
            return std::string(problem.kind().code) + ": " + problem.detail();
        }
        return {};
    }
    std::string refusal_of_sign_in(identity::SignInRequest wanted) {
        return refusal_of_task(identity::sign_in(vault(), database(), std::move(wanted), unit()));
    }

    // How often the audit log has this action.
    std::string count_actions(const std::string& action) {
        return run_sql("SELECT count(*) FROM audit WHERE action = '" + action + "'");
    }
    // Everything that the audit log and the events say of what happened.
    std::string all_records() {
        const std::string join = GetParam() == db::EngineKind::sqlite ? "group_concat(" : "string_agg(";
        return run_sql("SELECT " + join + "action || ' ' || subject || ' ' || details, ';') FROM audit") +
               run_sql("SELECT " + join + "action || ' ' || subject || ' ' || details, ';') FROM outbox");
    }

    const identity::Visitor visitor{.address = "192.0.2.1", .agent = "test/1"};
    boost::asio::io_context& loop() { return loop_; }

  private:
    boost::asio::io_context loop_{1};
    std::unique_ptr<identity::Vault> vault_;
};

}  // namespace lodestone::test
