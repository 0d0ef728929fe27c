// Secrets of nodes that share a database: the first says which count, and another one's are refused.
#include "identity/sign_in/installation_secrets.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "ledger/audit.hpp"
#include "support/databases.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;

class InstallationSecretsTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        database().keep_records(ledger::make_record_keeper(context()));
    }
    static std::vector<InstallationSecret> secrets(const std::string& pepper, const std::string& key) {
        return {{.name = "pepper", .text = pepper, .where = "the pepper's file"},
                {.name = "sealing_key", .text = key, .where = "the sealing key's file"}};
    }
    // What a node that starts with them is told; empty: it may.
    std::string start(const std::string& pepper, const std::string& key,
                      ChangedSecrets changed = ChangedSecrets::refuse) {
        return refusal_of([&](Tx& tx) { check_secrets(tx, secrets(pepper, key), changed); });
    }
    bool is_known(const std::string& pepper, const std::string& key) {
        return read([&](Tx& tx) { return are_known(tx, secrets(pepper, key)); });
    }
    const std::string one_ = "a secret of this test, long enough";
    const std::string two_ = "another secret, which is as long as that";
};
INSTANTIATE_ON_EVERY_DATABASE(InstallationSecretsTest);

TEST_P(InstallationSecretsTest, AreTheSameOnEveryNode) {
    EXPECT_FALSE(is_known(one_, two_)) << "nobody has begun";
    EXPECT_EQ(start(one_, two_), "");
    EXPECT_EQ(start(one_, two_), "") << "a second node, or the same again";
    EXPECT_TRUE(is_known(one_, two_));
    EXPECT_FALSE(is_known(one_, one_));
    EXPECT_TRUE(start(one_, one_)
                    .starts_with("conflict: The secret in the sealing key's file is not the one "
                                 "that this database is used with"));
    EXPECT_TRUE(start(two_, two_).starts_with("conflict: The secret in the pepper's file"));
    EXPECT_TRUE(start(two_, one_).starts_with("conflict: ")) << "each is of a kind of its own";
    EXPECT_EQ(start(one_, two_), "") << "and what was refused changed nothing";
    EXPECT_EQ(run_sql("SELECT count(*) FROM installation_secrets WHERE mark LIKE '%secret%'"), "0");
}

TEST_P(InstallationSecretsTest, MayBeReplacedWhenTheyAreLost) {
    EXPECT_EQ(start(one_, two_), "");
    EXPECT_EQ(start(one_, one_, ChangedSecrets::accept), "");
    EXPECT_EQ(start(one_, one_), "");
    EXPECT_TRUE(start(one_, two_).starts_with("conflict: ")) << "the old one counts no more";
    EXPECT_EQ(run_sql("SELECT subject FROM audit WHERE action = 'installation.change_secret'"),
              "sealing_key");
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit"), "1");
}

TEST_P(InstallationSecretsTest, AreOneNodesWhenTwoStartAtOnce) {
    std::atomic<int> started{0};
    test::run_at_once(2, [&](int node) {
        if (start(one_, node == 0 ? one_ : two_).empty()) ++started;
    });
    EXPECT_EQ(started, 1);
}

}  // namespace
}  // namespace lodestone::identity
