// Proxies and groups on every database: what they need, what they must not have, and what becomes of both. No
// format of the program serves them yet, so the ones here are the tests' own.
#include "packages/repository_rules.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "packages/repository_settings.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;
using enum RepositoryKind;

constexpr RepositoryKind all_kinds[] = {hosted, proxy, group};
constexpr Format crates{.name = "crates", .title = "Crates", .routes = {}, .kinds = all_kinds};
constexpr Format other_crates{.name = "boxes", .title = "Boxes", .routes = {}, .kinds = all_kinds};
constexpr Format generic{.name = "generic", .title = "Generic", .routes = {}};
constexpr const Format* formats[] = {&crates, &other_crates, &generic};

class RepositoryRules : public test::WithPackages {
  protected:
    NewRepository make(std::string name, RepositoryKind kind, std::string settings = "{}") {
        NewRepository made{
            .repository = {}, .number = make_number(context().clock, context().random), .formats = formats};
        made.repository.id = new_id<RepositoryId>();
        made.repository.app_id = app_.id;
        made.repository.name = std::move(name);
        made.repository.format = "crates";
        made.repository.kind = kind;
        made.repository.settings = std::move(settings);
        return made;
    }
    Repository insert(const NewRepository& made) {
        return write([&](Tx& tx) { return insert_repository(tx, acme, made); });
    }
    Repository insert(std::string name, RepositoryKind kind, std::string settings = "{}") {
        return insert(make(std::move(name), kind, std::move(settings)));
    }
    std::string refusal(RepositoryKind kind, const std::string& settings) {
        return refusal_of([&](Tx& tx) { insert_repository(tx, acme, make("refused", kind, settings)); });
    }
    std::string refusal_of_update(Repository repository) {
        return refusal_of([&](Tx& tx) { update_repository(tx, acme, repository); });
    }
    static std::string members(const std::vector<Repository>& repositories) {
        std::string list;
        for (const Repository& one : repositories)
            list += (list.empty() ? "\"" : ",\"") + one.id.text() + '"';
        return R"({"members":[)" + list + "]}";
    }

    const std::string upstream = R"({"upstream":{"url":"https://upstream.example/index"}})";
};
INSTANTIATE_ON_EVERY_DATABASE(RepositoryRules);

TEST_P(RepositoryRules, AProxyIsStoredWithItsUpstreamAndChanged) {
    NewRepository wanted = make("mirror", proxy,
                                R"({"upstream":{"url":"https://upstream.example/index","username":"robot",)"
                                R"("believed_seconds":60},"quota":{"max_bytes":1000}})");
    wanted.repository.upstream_secret = {"sealed"};
    Repository mirror = insert(wanted);
    EXPECT_EQ(read([&](Tx& tx) { return find_repository(tx, acme, mirror.id); }), mirror);
    EXPECT_EQ(mirror.upstream_secret->value, "sealed");
    EXPECT_EQ(parse_repository_settings(mirror.settings).upstream,
              (RepositoryUpstream{.url = "https://upstream.example/index",
                                  .username = "robot",
                                  .believed_seconds = 60,
                                  .absence_believed_seconds = 60}));
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE details LIKE '%sealed%'"), "0");
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE details LIKE '%upstream_secret%'"), "1");
    mirror.upstream_secret.reset();
    mirror.settings = upstream;
    mirror = write([&](Tx& tx) { return update_repository(tx, acme, mirror); });
    EXPECT_EQ(read([&](Tx& tx) { return find_repository(tx, acme, mirror.id); }), mirror);
    EXPECT_FALSE(mirror.upstream_secret);
    Repository outdated = mirror;
    --outdated.version;
    EXPECT_TRUE(refusal_of_update(outdated).starts_with("precondition-failed: "));
}

TEST_P(RepositoryRules, AnUpstreamIsAUrlThatTheClientWouldTake) {
    const auto of = [&](const std::string& fields) {
        return refusal(proxy, R"({"upstream":{)" + fields + "}}");
    };
    const std::string field = "invalid-input: The field settings.upstream";
    EXPECT_EQ(refusal(proxy, "{}"), field + " is missing: a proxy has to know where it fetches from.");
    EXPECT_EQ(refusal(proxy, R"({"upstream":null})"),
              field + " is missing: a proxy has to know where it fetches from.");
    EXPECT_EQ(of(""), field + ".url is missing: write it as https://upstream.example/path.");
    EXPECT_EQ(of(R"("url":"ftp://upstream.example")"),
              field + ".url is refused: Only http and https URLs are understood here.");
    EXPECT_EQ(of(R"("url":"https://me:secret@upstream.example")"),
              field +
                  ".url is refused: A URL must not hold a user name or password; configure credentials "
                  "beside it.");
    for (const char* url : {"https://upstream.example/?a=b", "https://upstream.example/#a"})
        EXPECT_EQ(of(std::string(R"("url":")") + url + '"'),
                  field + ".url must have no query and no fragment.");
    const std::string url = R"("url":"https://upstream.example",)";
    for (const char* name : {"", "a:b", "a b", "\u00e4"})
        EXPECT_EQ(of(url + R"("username":")" + name + '"'),
                  field + ".username must be 1 to 255 visible characters of ASCII, and no colon.");
    for (const std::string seconds : {"believed_seconds", "absence_believed_seconds"})
        for (const char* value : {"-1", "2592001"})
            EXPECT_EQ(of(url + '"' + seconds + "\":" + value),
                      field + "." + seconds + " must be a number from 0 to 2592000.");
    EXPECT_EQ(of(url + R"("password":"secret")"),
              "invalid-input: There is no field settings.upstream.password; there are: url, username, "
              "believed_seconds, absence_believed_seconds.");
}

TEST_P(RepositoryRules, WhatMeansNothingToAKindIsRefused) {
    const auto sentence = [](const std::string& setting, const char* kind) {
        return "invalid-input: The field settings." + setting +
               " means nothing to a repository of the kind " + kind + ": leave it out.";
    };
    EXPECT_EQ(refusal(hosted, upstream), sentence("upstream", "hosted"));
    EXPECT_EQ(refusal(hosted, R"({"members":[]})"), sentence("members", "hosted"));
    EXPECT_EQ(refusal(proxy, R"({"overwrite":"never","upstream":{"url":"https://upstream.example"}})"),
              sentence("overwrite", "proxy"));
    EXPECT_EQ(refusal(proxy, R"({"retention":{},"upstream":{"url":"https://upstream.example"}})"),
              sentence("retention", "proxy"));
    for (const std::string setting : {"overwrite", "quota", "retention", "upstream"})
        EXPECT_EQ(refusal(group, "{\"" + setting + "\":" +
                                     (setting == "overwrite"  ? "\"never\""
                                      : setting == "upstream" ? R"({"url":"https://upstream.example"})"
                                                              : "{}") +
                                     "}"),
                  sentence(setting, "group"));
    NewRepository secretive = make("secretive", group);
    secretive.repository.upstream_secret = {"sealed"};
    EXPECT_EQ(
        refusal_of([&](Tx& tx) { insert_repository(tx, acme, secretive); }),
        "invalid-input: The field upstream_secret means nothing to a repository of the kind group: leave "
        "it out.");
    Repository all = insert("all", group);
    all.settings = upstream;
    EXPECT_EQ(refusal_of_update(all), sentence("upstream", "group"));
}

// Else whoever may change the address could have the secret sent to themselves.
TEST_P(RepositoryRules, ASecretGoesToTheHostOnlyThatItWasGivenFor) {
    NewRepository wanted = make("mirror", proxy, upstream);
    wanted.repository.upstream_secret = {"sealed"};
    Repository mirror = insert(wanted);
    mirror.settings = R"({"upstream":{"url":"https://upstream.example/elsewhere"}})";
    mirror = write([&](Tx& tx) { return update_repository(tx, acme, mirror); });
    Repository changed = mirror;
    for (const char* url :
         {"https://attacker.example", "http://upstream.example", "https://upstream.example:8443"}) {
        changed.settings = std::string(R"({"upstream":{"url":")") + url + "\"}}";
        EXPECT_EQ(refusal_of_update(changed),
                  "invalid-input: The field upstream_secret was given for another host than "
                  "settings.upstream.url has now: send it again, or null.")
            << url;
    }
    changed.upstream_secret = {"sealed anew"};
    EXPECT_EQ(write([&](Tx& tx) { return update_repository(tx, acme, changed); }).version, 3);
}

TEST_P(RepositoryRules, AGroupHasMembersOfItsTenantAndFormatInTheirOrder) {
    const Repository own = insert("own", hosted);
    const Repository mirror = insert("mirror", proxy, upstream);
    Repository all = insert("all", group, members({mirror, own}));
    EXPECT_EQ(parse_repository_settings(all.settings).members,
              (std::vector<std::string>{mirror.id.text(), own.id.text()}));
    NewRepository boxes = make("boxes", hosted);
    boxes.repository.format = "boxes";
    const Repository other_format = insert(boxes);
    const std::string field = "invalid-input: The field settings.members";
    EXPECT_EQ(refusal(group, members({own, other_format})),
              field + "[1] must be a repository of the format crates, and this one is of the format boxes.");
    EXPECT_EQ(refusal(group, members({all})), field + "[0] must not be a group: name its members instead.");
    EXPECT_EQ(refusal(group, members({own, own})), field + "[1] is in the list already.");
    for (const std::string& member : {std::string("0190b2c4-7a1e-7b3c-8d4e-5f6a7b8c9d0e"), std::string("own"),
                                      std::string("../own"), std::string()})
        EXPECT_TRUE(refusal(group, R"({"members":[")" + member + "\"]}")
                        .starts_with(field + "[0] must be the id of a repository of the same tenant"))
            << member;
    EXPECT_EQ(refusal_of([&](Tx& tx) {
                  NewRepository theirs = make("theirs", group, members({own}));
                  identity::App app = make_app("Theirs");
                  theirs.repository.app_id = identity::insert_app(tx, other, app).id;
                  insert_repository(tx, other, theirs);
              }),
              field + "[0] must be the id of a repository of the same tenant.");
    std::string many;
    for (std::size_t i = 0; i <= limits::group_members; ++i)
        many += (i > 0 ? ",\"m" : "\"m") + std::to_string(i) + '"';
    EXPECT_EQ(refusal(group, R"({"members":[)" + many + "]}"),
              field + " must be a list of at most 50 repositories.");
    all.settings = members({own, other_format});
    EXPECT_TRUE(refusal_of_update(all).starts_with(field + "[1] must be a repository of the format crates"));
    all.settings = members({own});
    EXPECT_EQ(write([&](Tx& tx) { return update_repository(tx, acme, all); }).version, 2);
}

// Who tidies up must not be kept from it by groups of others, nor who changes a group by what is gone. No
// other repository takes its place, whatever its name.
TEST_P(RepositoryRules, AMemberMayBeDeletedAndComesBack) {
    const Repository own = insert("own", hosted);
    Repository all = insert("all", group, members({own}));
    write([&](Tx& tx) { return delete_repository(tx, acme, own); });
    insert("own", hosted);
    all.description = "All";
    all = write([&](Tx& tx) { return update_repository(tx, acme, all); });
    EXPECT_EQ(parse_repository_settings(all.settings).members, (std::vector<std::string>{own.id.text()}));
    EXPECT_TRUE(
        refusal(group, members({own})).ends_with("must be the id of a repository of the same tenant."))
        << "nobody else begins with it";
}

TEST_P(RepositoryRules, WhatIsNotServedIsNotMade) {
    for (const RepositoryKind kind : {proxy, group}) {
        NewRepository wanted = make("files", kind, kind == proxy ? upstream : "{}");
        wanted.repository.format = "generic";
        EXPECT_EQ(
            refusal_of([&](Tx& tx) { insert_repository(tx, acme, wanted); }),
            "invalid-input: The field kind must be hosted: of the format generic no other kind is served "
            "yet.");
    }
}

TEST_P(RepositoryRules, OnlyWhatIsHostedTakesPublications) {
    const auto refusal_in = [&](const Repository& repository) {
        auto entry = std::make_shared<RepositoryEntry>(*repository_);
        entry->id = repository.id;
        entry->name = repository.name;
        packages::Publication wanted = describe("tool", "1.0", "tool.tar", "bytes");
        wanted.repository = entry;
        return refusal_of_publishing(wanted, "bytes");
    };
    EXPECT_EQ(
        refusal_in(insert("mirror", proxy, upstream)),
        "conflict: The repository mirror is a proxy and takes no publications: publish to one of the kind "
        "hosted.");
    EXPECT_EQ(refusal_in(insert("all", group)),
              "conflict: The repository all is a group and takes no publications: publish to one of the kind "
              "hosted.");
    EXPECT_EQ(run_sql("SELECT count(*) FROM packages"), "0");
}

}  // namespace
}  // namespace lodestone::packages
