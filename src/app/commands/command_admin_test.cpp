// What an administrator does at a shell, from the words to the answers, on a data folder that has begun.
#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <sstream>

#include "app/commands/commands.hpp"
#include "app/serving/first_start.hpp"
#include "app/serving/storage.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "db/admin_connection.hpp"
#include "identity/secrets/token_text.hpp"
#include "support/files.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* password_pattern = "[2-9a-z]{5}-[2-9a-z]{5}-[2-9a-z]{5}-[2-9a-z]{5}-[2-9a-z]{5}";

struct Answer {
    int code = 0;
    std::string out;
    std::string fault;  // of a refusal
};

class CommandAdminTest : public ::testing::Test {
  protected:
    void SetUp() override {
        Config config;
        config.data.dir = folder_ / "data";
        config.log.level = LogLevel::off;
        config.log.file = folder_ / "log";
        const DataFolder data(config.data.dir);
        SystemClock clock;
        SystemRandom random;
        Metrics metrics;
        Health health;
        Log log({.level = LogLevel::info, .file = config.log.file}, clock);
        Context context{clock, random, log, metrics, health};
        Storage storage(config, data, context);
        const auto first = make_first_start(config, data, context, storage.database());
        ASSERT_TRUE(first.has_value());
        EXPECT_FALSE(make_first_start(config, data, context, storage.database())) << "only once";
        load_pepper(config, data, random);  // as a server does when it starts
        log.flush();
        EXPECT_THAT(test::read_file(folder_ / "log"), Not(HasSubstr(take_first_password(data))));
        EXPECT_FALSE(std::filesystem::exists(first->password_file)) << "it was taken";
    }
    Answer run(std::vector<std::string> words) {
        words.insert(words.end(), {"--data", folder_ / "data"});
        std::ostringstream out;
        std::ostringstream err;
        Console console{.out = out, .err = err, .err_is_terminal = has_onlooker_};
        Answer answer;
        answer.fault = find_problem([&] { answer.code = run_command(words, console); }).value_or("");
        answer.out = out.str();
        answer.fault += err.str();
        return answer;
    }
    boost::json::object json(std::vector<std::string> words) {
        words.emplace_back("--json");
        const Answer answer = run(std::move(words));
        EXPECT_EQ(answer.fault, "");
        return answer.fault.empty() ? boost::json::parse(answer.out).as_object() : boost::json::object();
    }
    test::TempFolder folder_;
    bool has_onlooker_ = false;
};

TEST_F(CommandAdminTest, TheFirstStartIsThere) {
    EXPECT_EQ(json({"user", "list"}).at("users").as_array().at(0).at("username"), "admin");
    EXPECT_THAT(run({"app", "list"}).out, HasSubstr("main  Main  service  active"));
    EXPECT_EQ(json({"tenant", "list"}).at("tenants").as_array().size(), 2);
}

TEST_F(CommandAdminTest, MakesATenantWithItsOwner) {
    const auto made = json({"tenant", "create", "Acme", "--id", "acme", "--owner", "olga"});
    EXPECT_EQ(made.at("id"), "acme");
    EXPECT_THAT(std::string(made.at("password").as_string()), MatchesRegex(password_pattern));
    EXPECT_EQ(json({"user", "list", "--tenant", "acme"}).at("users").as_array().size(), 1);
    EXPECT_EQ(run({"tenant", "create", "acme"}).fault,
              "There is a tenant named acme already; choose another name.");
    EXPECT_EQ(run({"tenant", "suspend", "Acme"}).out, "The tenant Acme is suspended now.\n");
    EXPECT_EQ(run({"tenant", "activate", "acme"}).out, "The tenant Acme is active now.\n");
    const Answer odd = run({"tenant", "create", "Other", "--id", "-"});
    EXPECT_EQ(odd.code, 2) << "wrong usage";
    EXPECT_THAT(odd.fault, HasSubstr("--id is made of 1 to 64 letters, digits and hyphens"));
}

TEST_F(CommandAdminTest, MakesAppsAndBranches) {
    EXPECT_EQ(run({"app", "create", "Web shop", "--id", "shop", "--type", "web"}).out,
              "The app Web shop is there, with the id shop.\n");
    EXPECT_THAT(run({"app", "create", "x", "--type", "toaster"}).fault, HasSubstr("toaster"));
    EXPECT_EQ(run({"branch", "create", "BER-1", "Berlin", "--app", "web SHOP", "--type", "store"}).code, 0);
    EXPECT_EQ(json({"branch", "list", "--app", "shop"}).at("branches").as_array().at(0).at("name"), "Berlin");
    EXPECT_EQ(run({"branch", "disable", "ber-1", "--app", "shop"}).out,
              "The branch BER-1 is disabled now.\n");
    EXPECT_THAT(run({"branch", "list"}).fault,
                StartsWith("lodestone: Say which --app.\nTry: lodestone branch list"));
    EXPECT_EQ(run({"app", "disable", "shop"}).out, "The app Web shop is disabled now.\n");
    EXPECT_EQ(run({"app", "disable", "nothing"}).fault, "There is no app nothing.");
}

TEST_F(CommandAdminTest, MakesRepositories) {
    const auto made =
        json({"repository", "create", "files", "--app", "main", "--format", "generic", "--public"});
    EXPECT_EQ(made.at("visibility"), "public");
    EXPECT_EQ(made.at("kind"), "hosted");
    EXPECT_THAT(run({"repository", "create", "x", "--app", "main", "--format", "cobol"}).fault,
                HasSubstr("The field format must be one of: generic"));
    EXPECT_EQ(run({"repository", "create", "files", "--app", "main", "--format", "generic"}).fault,
              "There is a repository named files already; choose another name.");
    const std::string id(made.at("id").as_string());
    EXPECT_EQ(run({"repository", "delete", "files"}).out,
              "The repository files is deleted; `lodestone repository restore " + id +
                  "` brings it back until it is purged.\n");
    EXPECT_EQ(run({"repository", "list"}).out, "There are no repositories.\n");
    EXPECT_EQ(run({"repository", "restore", id}).out, "The repository files is there again.\n");
    EXPECT_THAT(run({"repository", "list", "--app", "main", "--format", "generic"}).out, HasSubstr("files"));
}

TEST_F(CommandAdminTest, SaysWhichPolicyAPublicRepositoryEvades) {
    db::open_sqlite_admin(folder_ / "data/lodestone.db")
        ->run(
            "INSERT INTO policies (tenant_id, id, name, name_folded, description, effect, subjects, actions, "
            "                      resources, conditions, status, metadata, version, created_at, created_by, "
            "                      updated_at, updated_by) "
            "VALUES ('default', 'p', 'Plans', 'plans', '', 'deny', '[\"role:developer\"]', "
            "        '[\"package:*\"]', '[\"package:files/plans\"]', '[]', 'active', '{}', 1, 0, 'x', 0, "
            "'x')");
    const auto create = [&](const std::string& name, const std::string& option) {
        return run({"repository", "create", name, "--app", "main", "--format", "generic", option});
    };
    const Answer made = create("files", "--public");
    EXPECT_EQ(made.code, 0);
    EXPECT_THAT(made.fault, HasSubstr("The policy \"Plans\" denies some of what is in the repository files"));
    EXPECT_EQ(create("others", "--public").fault, "") << "it is about another repository";
    EXPECT_EQ(run({"repository", "delete", "files"}).fault, "");
    EXPECT_EQ(create("files", "--json").fault, "") << "not public";
}

TEST_F(CommandAdminTest, MakesUsersWithRoles) {
    EXPECT_EQ(
        run({"role", "create", "Releaser", "--permission", "package:read", "--permission", "package:publish"})
            .code,
        0);
    EXPECT_EQ(run({"user", "create", "alice", "--app", "main", "--role", "Releaser"}).code, 0);
    EXPECT_EQ(run({"user", "create", "bob", "--email", "bob@acme.example", "--role", "auditor"}).code, 0);
    EXPECT_THAT(run({"user", "create", "carol", "--role", "king"}).fault,
                HasSubstr("There is no role king."));
    EXPECT_EQ(run({"role", "grant", "alice", "viewer"}).out, "alice has the role viewer in the tenant.\n");
    EXPECT_EQ(run({"role", "revoke", "alice", "--app", "main"}).out,
              "alice no longer has access in the app main.\n");
    EXPECT_THAT(run({"role", "grant", "alice", "owner"}).fault, Not(HasSubstr("has the role")));
    EXPECT_THAT(run({"role", "list"}).out, HasSubstr("Releaser"));
    const Answer reset = run({"user", "reset-password", "BOB", "--print-password"});
    EXPECT_THAT(reset.out,
                StartsWith("The password of bob was reset, and all sessions have ended.\nThe password is "));
    EXPECT_EQ(run({"user", "suspend", "bob"}).out, "The user bob is suspended now.\n");
    EXPECT_EQ(run({"user", "suspend", "nobody"}).fault, "There is no user nobody.");
}

TEST_F(CommandAdminTest, ATenantIsShownChangedPassedOnDeletedAndRestored) {
    run({"tenant", "create", "Acme", "--id", "acme", "--owner", "olga"});
    run({"user", "create", "bob", "--id", "bob", "--tenant", "acme"});
    EXPECT_THAT(run({"tenant", "show", "acme"}).out, HasSubstr("name: Acme\n"));
    EXPECT_THAT(run({"tenant", "update", "acme"}).fault, HasSubstr("Say what changes"));
    EXPECT_THAT(
        run({"tenant", "update", "acme", "--config-json", R"({"security":{"allowed_ips":["x"]}})"}).fault,
        StartsWith("The field config.security.allowed_ips[0] "));
    const auto changed = json({"tenant", "update", "acme", "--settings-json", R"({"require_mfa":true})"});
    EXPECT_EQ(changed.at("settings").at("require_mfa"), true);
    EXPECT_EQ(changed.at("name"), "Acme") << "what was not given stays";
    EXPECT_EQ(run({"tenant", "transfer", "acme", "bob", "--reason", "olga left"}).out,
              "The tenant acme belongs to bob now.\n");
    EXPECT_EQ(json({"tenant", "show", "acme"}).at("owner_id"), "bob");
    EXPECT_THAT(run({"tenant", "transfer", "acme", "admin"}).fault, StartsWith("There is no user admin"));
    EXPECT_THAT(run({"tenant", "delete", "acme"}).out, HasSubstr("`lodestone tenant restore acme`"));
    EXPECT_EQ(run({"tenant", "show", "acme"}).fault, "There is no tenant acme.");
    EXPECT_EQ(run({"tenant", "restore", "acme"}).out, "The tenant Acme is there again.\n");
    EXPECT_THAT(run({"tenant", "delete", "default"}).fault, HasSubstr("has platform administrators"));
    EXPECT_THAT(run({"tenant", "suspend", "platform"}).fault, HasSubstr("is the installation's own"));
}

TEST_F(CommandAdminTest, AppsBranchesAndUsersAreShownDeletedAndRestored) {
    run({"branch", "create", "BER-1", "Berlin", "--app", "main", "--id", "ber"});
    run({"user", "create", "alice", "--id", "alice", "--app", "main"});
    const std::vector<std::vector<std::string>> nouns{
        {"app", "main"}, {"branch", "ber-1"}, {"user", "alice"}};
    for (const auto& noun : nouns) {
        const bool is_branch = noun[0] == "branch";
        const auto words = [&](const char* verb, const std::string& which) {
            std::vector<std::string> all{noun[0], verb, which};
            if (is_branch) all.insert(all.end(), {"--app", "main"});
            return all;
        };
        const std::string id(json(words("show", noun[1])).at("id").as_string());
        EXPECT_THAT(run(words("delete", noun[1])).out, HasSubstr(" restore " + id));
        EXPECT_THAT(run(words("show", noun[1])).fault, StartsWith("There is no " + noun[0]));
        EXPECT_THAT(run(words("restore", id)).out, HasSubstr(" is there again."));
        EXPECT_THAT(run(words("restore", id)).fault, StartsWith("There is no deleted " + noun[0]));
        EXPECT_THAT(run(words("restore", "-")).fault, StartsWith("There is no deleted " + noun[0]));
        EXPECT_EQ(run(words("show", noun[1])).code, 0);
    }
    EXPECT_EQ(json({"role", "list", "--user", "alice"}).at("roles").as_array().at(0).at("app_id"), "main");
    EXPECT_EQ(json({"role", "list", "--user", "admin"}).at("roles").as_array().at(0).at("role"), "owner");
}

TEST_F(CommandAdminTest, APasswordComesAlongAsItsHash) {
    const std::string path = folder_ / "hash";
    const auto import = [&](const std::string& text) {
        test::write_file(path, text);
        std::filesystem::permissions(
            path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return run({"user", "create", "alice", "--password-hash-file", path});
    };
    EXPECT_THAT(import("secret\n").fault, HasSubstr("holds no hash of bcrypt or argon2id"));
    const Answer made = import("$2b$04$abcdefghijklmnopqrstuuollMaOIweio9pReE0Cf7jFpC2wM7p9.\n");
    EXPECT_THAT(made.out, HasSubstr("The password is the one they had."));
    EXPECT_EQ(run({"user", "show", "alice"}).code, 0);
}

TEST_F(CommandAdminTest, AKeyIsPrintedOnceAndNothingElse) {
    const DataFolder server(folder_ / "data");  // as if one ran
    const Answer quiet = run({"key", "create", "--user", "admin", "--scope",
                              "package:read,package:download@repository:main/*#stable", "--quiet"});
    EXPECT_EQ(quiet.fault, "");
    const auto token = identity::parse_token(quiet.out.substr(0, quiet.out.size() - 1));
    ASSERT_TRUE(token.has_value()) << quiet.out;
    EXPECT_EQ(token->kind, identity::TokenKind::personal_key);
    const auto keys = json({"key", "list", "--user", "admin"}).at("keys").as_array();
    ASSERT_EQ(keys.size(), 1);
    EXPECT_EQ(std::string(keys[0].at("public_id").as_string()), token->public_id);
    EXPECT_FALSE(keys[0].as_object().contains("secret_hash"));
    EXPECT_EQ(boost::json::serialize(keys[0].at("scopes").at(0).at("actions")),
              R"(["package:read","package:download"])");
    EXPECT_THAT(run({"audit", "export"}).out, Not(HasSubstr(token->secret)));
}

TEST_F(CommandAdminTest, AKeyIsPrintedAsToolsWantIt) {
    const Answer key = run({"key", "create", "--user", "admin", "--name", "hub", "--hf", "--quiet"});
    EXPECT_THAT(key.out, StartsWith("hf_"));
    EXPECT_TRUE(identity::parse_token(key.out.substr(0, key.out.size() - 1))) << "still a key of ours";
    EXPECT_THAT(run({"key", "create", "--app", "main", "--name", "hub", "--hf"}).fault,
                HasSubstr("--hf is for a person's key"));
}

TEST_F(CommandAdminTest, AKeyIsRotatedAndRevoked) {
    const auto made = json({"key", "create", "--app", "main", "--name", "ci", "--expires-in", "1d"});
    const std::string id(made.at("id").as_string());
    EXPECT_THAT(std::string(made.at("key").as_string()), StartsWith("lsa_live_"));
    const auto next = json({"key", "rotate", id, "--overlap", "1h"});
    EXPECT_EQ(std::string(next.at("rotated_from").as_string()), id);
    EXPECT_EQ(run({"key", "revoke", id, "--reason", "leaked"}).out,
              "The key " + id + " is good for nothing now.\n");
    EXPECT_EQ(json({"key", "list"}).at("keys").as_array().size(), 2);
    EXPECT_EQ(run({"key", "create"}).fault,
              "lodestone: Say whose key it is: --user for a person's, or --app for an app's.\n"
              "Try: lodestone key create --help\n");
    EXPECT_THAT(run({"key", "create", "--user", "admin", "--scope", "@x"}).fault,
                HasSubstr("--scope begins"));
    EXPECT_THAT(run({"key", "create", "--user", "admin", "--expires-in", "soon"}).fault,
                HasSubstr("duration"));
}

TEST_F(CommandAdminTest, WhatWasDoneIsInTheAuditLogAndVerified) {
    run({"user", "create", "alice"});
    const auto entries =
        json({"audit", "list", "--action", "user.create", "--actor", "operator"}).at("entries").as_array();
    ASSERT_EQ(entries.size(), 1);
    EXPECT_EQ(entries[0].at("source"), "cli");
    EXPECT_THAT(std::string(entries[0].at("agent").as_string()), StartsWith("lodestone at a shell"));
    const auto check = json({"audit", "verify"});
    EXPECT_EQ(check.at("is_sound"), true);
    EXPECT_EQ(check.at("waiting"), 0) << "numbered before the command ended";
    const std::string known =
        std::to_string(check.at("sequence").as_int64()) + ":" + std::string(check.at("head").as_string());
    EXPECT_EQ(run({"audit", "verify", "--expect", known}).code, 0);
    EXPECT_EQ(run({"audit", "verify"}).fault, "") << "nobody looks on";
    has_onlooker_ = true;
    EXPECT_THAT(run({"audit", "verify"}).fault, ContainsRegex("^\rChecked [0-9]+ entries(.|\r)*\n$"));
    has_onlooker_ = false;
    db::open_sqlite_admin(folder_ / "data/lodestone.db")
        ->run("UPDATE audit SET subject = 'x' WHERE action = 'user.create'");
    const Answer tampered = run({"audit", "verify"});
    EXPECT_EQ(tampered.code, 1);
    EXPECT_THAT(tampered.out, HasSubstr("was changed after it was written."));
    EXPECT_THAT(run({"audit", "verify", "--expect", "12"}).fault, HasSubstr("--expect is a number"));
    EXPECT_THAT(run({"audit", "export", "--since", "soon"}).fault, HasSubstr("--since is a time"));
}

TEST_F(CommandAdminTest, NothingIsMadeWhereThereIsNothing) {
    const std::string nowhere = folder_ / "nowhere";
    std::ostringstream out;
    Console console{.out = out, .err = out};
    EXPECT_EQ(find_problem([&] { run_command({"user", "list", "--data", nowhere}, console); }),
              "There is no database in the data folder " + nowhere + "; start a server first.");
    EXPECT_FALSE(std::filesystem::exists(nowhere));
}

}  // namespace
}  // namespace lodestone::app
