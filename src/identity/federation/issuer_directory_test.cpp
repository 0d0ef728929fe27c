// Asking issuers for their keys: once for many, never too often, and what happens when they do not answer.
#include "identity/federation/issuer_directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <future>
#include <mutex>

#include "base/limits.hpp"
#include "support/client_runner.hpp"
#include "support/issuer.hpp"
#include "support/scripted_server.hpp"
#include "support/test_server.hpp"

namespace lodestone::identity {
namespace {

using namespace std::chrono_literals;
using test::KeyType;
using test::SigningKey;
using Known = std::shared_ptr<const KnownIssuer>;

class IssuerDirectoryTest : public ::testing::Test {
  protected:
    IssuerDirectoryTest() { loops_.start(); }
    ~IssuerDirectoryTest() override {
        loops_.stop();
        directory_.reset();
        client_.reset();
    }

    std::string issuer() const { return server_.url(""); }
    std::future<Known> start(const std::string& key_id = {}, std::size_t loop = 0) {
        auto promise = std::make_shared<std::promise<Known>>();
        boost::asio::co_spawn(loops_.at(loop).context(), directory_->find(issuer(), key_id),
                              [promise](std::exception_ptr error, Known known) {
                                  error ? promise->set_exception(error)
                                        : promise->set_value(std::move(known));
                              });
        return promise->get_future();
    }
    Known find(const std::string& key_id = {}) { return start(key_id).get(); }
    std::string problem_of_find() {
        try {
            find();
        } catch (const Problem& problem) {
            return std::string(problem.kind().code);
        }
        return {};
    }

    void serve(test::ScriptedPeer& peer) {
        for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
            const bool is_discovery = head.starts_with("GET /.well-known/openid-configuration ");
            if (is_discovery) ++asked_;
            if (is_discovery && gate_.valid()) gate_.wait();
            const std::lock_guard lock(mutex_);
            if (!status_.empty())
                peer.answer(body_, status_, "Location: " + issuer() + "/keys\r\n");
            else if (is_discovery)
                peer.answer(discovery_.empty()
                                ? R"({"issuer":")" + issuer() + R"(","jwks_uri":")" + issuer() + "/keys\"}"
                                : discovery_);
            else
                peer.answer(keys_);
        }
    }
    void answer_with(std::string status, std::string body = "gone") {
        const std::lock_guard lock(mutex_);
        status_ = std::move(status);
        body_ = std::move(body);
    }
    void publish(std::string keys) {
        const std::lock_guard lock(mutex_);
        keys_ = std::move(keys);
    }
    void describe(std::string discovery) {
        const std::lock_guard lock(mutex_);
        discovery_ = std::move(discovery);
    }

    SigningKey first_{KeyType::p256, "first"};
    SigningKey second_{KeyType::ed25519, "second"};
    std::atomic<int> asked_{0};
    std::shared_future<void> gate_;  // set before anybody asks

    FakeClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::off, .file = {}}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};

  private:
    std::mutex mutex_;
    std::string status_;
    std::string body_;
    std::string discovery_;
    std::string keys_ = first_.key_set();
    test::ScriptedServer server_{[this](test::ScriptedPeer& peer) { serve(peer); }};
    http::Loops loops_{2, metrics_};
    std::unique_ptr<http::Client> client_ =
        std::make_unique<http::Client>(test::loopback_options(), metrics_, log_);
    std::unique_ptr<IssuerDirectory> directory_ = std::make_unique<IssuerDirectory>(*client_, context_);
};

TEST_F(IssuerDirectoryTest, AsksOnceAndRemembers) {
    const Known known = find("first");
    ASSERT_EQ(known->keys.size(), 1u);
    EXPECT_TRUE(known->has_key("first"));
    EXPECT_EQ(known->endpoints.keys_url, issuer() + "/keys");
    EXPECT_EQ(find("first"), known);
    EXPECT_EQ(asked_, 1);
}

TEST_F(IssuerDirectoryTest, ManyWaitForOneAnswer) {
    std::promise<void> opened;
    gate_ = opened.get_future().share();
    std::vector<std::future<Known>> finds;
    for (std::size_t i = 0; i < 20; ++i) finds.push_back(start("first", i % 2));
    opened.set_value();
    for (auto& one : finds) EXPECT_TRUE(one.get()->has_key("first"));
    EXPECT_EQ(asked_, 1);
}

TEST_F(IssuerDirectoryTest, AnUnknownKeyMakesItAskAgainOnceAMinute) {
    find();
    publish(second_.key_set());
    EXPECT_FALSE(find("second")->has_key("second"));  // it has just asked
    clock_.advance(limits::issuer_refresh_pause - 1us);
    EXPECT_FALSE(find("second")->has_key("second"));
    EXPECT_EQ(asked_, 1);
    clock_.advance(1us);
    EXPECT_TRUE(find("second")->has_key("second"));
    EXPECT_EQ(asked_, 2);
    for (int i = 0; i < 10; ++i) find("made up");
    EXPECT_EQ(asked_, 2);
}

TEST_F(IssuerDirectoryTest, KeysThatAreWithdrawnGoWithinTheHour) {
    find();
    publish(second_.key_set());
    clock_.advance(limits::issuer_keys_lifetime);
    EXPECT_FALSE(find("first")->has_key("first"));
    EXPECT_EQ(asked_, 2);
}

TEST_F(IssuerDirectoryTest, KeepsWhatItKnowsForADayWhenTheIssuerFails) {
    find();
    answer_with("500 Oops");
    clock_.advance(limits::issuer_keys_lifetime);
    EXPECT_TRUE(find("first")->has_key("first"));
    EXPECT_EQ(asked_, 2);
    EXPECT_TRUE(find("first")->has_key("first"));  // and does not insist
    EXPECT_EQ(asked_, 2);
    clock_.advance(limits::issuer_keys_trusted);
    EXPECT_EQ(problem_of_find(), "bad-upstream");
}

TEST_F(IssuerDirectoryTest, RefusesAtOnceWhileNothingIsKnown) {
    answer_with("404 Not Found");
    EXPECT_EQ(problem_of_find(), "bad-upstream");
    EXPECT_EQ(problem_of_find(), "bad-upstream");
    EXPECT_EQ(asked_, 1);
    answer_with("");
    clock_.advance(limits::issuer_retry_pause);
    EXPECT_TRUE(find("first")->has_key("first"));
}

TEST_F(IssuerDirectoryTest, FollowsNoRedirect) {
    answer_with("302 Found");
    EXPECT_EQ(problem_of_find(), "bad-upstream");
}

TEST_F(IssuerDirectoryTest, TakesNothingTooLarge) {
    publish("{\"keys\":[" + std::string(limits::issuer_document_bytes, ' ') + "]}");
    EXPECT_EQ(problem_of_find(), "bad-upstream");
}

TEST_F(IssuerDirectoryTest, TakesNoDocumentAboutAnotherIssuer) {
    describe(R"({"issuer":"https://idp.example","jwks_uri":"https://idp.example/keys"})");
    EXPECT_EQ(problem_of_find(), "bad-upstream");
}

TEST_F(IssuerDirectoryTest, TakesNoKeySetWithoutAKey) {
    publish(R"({"keys":[]})");
    EXPECT_EQ(problem_of_find(), "bad-upstream");
}

}  // namespace
}  // namespace lodestone::identity
