// Two nodes with a real Redis between them: away, killed, frozen, flushed, closed to us; and in place of it
// programs that are none.
#include "cache/redis_relay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/health.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/redis_limits.hpp"
#include "support/certificates.hpp"
#include "support/heard.hpp"
#include "support/redis.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::cache {

namespace {

using std::chrono::milliseconds;
using test::Heard;
using test::wait_until;
using testing::HasSubstr;
using testing::Not;

// A relay with what it stands on.
class Node {
  public:
    explicit Node(const std::string& url, const std::string& ca_file = {})
        : relay_({.url = parse_redis_url(url).value(), .ca_file = ca_file, .node = {}}, context_) {}
    RedisRelay* operator->() { return &relay_; }
    bool is_well() const { return !relay_.find_fault(); }
    bool has_metric(const std::string& line) {
        return ("\n" + metrics_.render()).find("\n" + line + "\n") != std::string::npos;
    }
    std::string log() {
        log_.flush();
        return test::read_file(folder_ / "log");
    }

  private:
    test::TempFolder folder_;
    SystemClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::info, .file = folder_ / "log"}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
    RedisRelay relay_;
};

class RedisChanges : public test::RedisTest {
  protected:
    void SetUp() override {
        test::RedisTest::SetUp();
        if (!IsSkipped()) redis_.emplace();
    }
    std::optional<test::RedisServer> redis_;
};

TEST_F(RedisChanges, AreHeardByOthersAndNotByOneself) {
    Node here(redis_->url()), there(redis_->url());
    Heard heard, own;
    const auto watch = here->watch("changes", heard.callback());
    const auto own_watch = there->watch("changes", own.callback());
    EXPECT_EQ(heard.next(), "") << "it has begun: anything may have changed before";
    EXPECT_EQ(own.next(), "");
    EXPECT_TRUE(watch->is_live());
    there->tell("changes", "first");
    EXPECT_EQ(heard.next(), "first");
    const auto start = std::chrono::steady_clock::now();
    there->tell("elsewhere", "nobody's");
    there->tell("changes", "tenant:7");
    EXPECT_EQ(heard.next(), "tenant:7");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));  // 0.01 s with time
    there->tell("changes", "");
    EXPECT_EQ(heard.next(), "");
    here->tell("changes", "to the other");
    EXPECT_EQ(own.next(), "to the other") << "what it told itself it did not hear";
    EXPECT_TRUE(here.is_well() && there.is_well());
    EXPECT_TRUE(wait_until([&] { return there.has_metric("lodestone_redis_told_total 4"); }));
    EXPECT_TRUE(there.has_metric("lodestone_redis_heard_total 1"));
    EXPECT_TRUE(there.has_metric("lodestone_redis_connected 1"));
    EXPECT_TRUE(wait_until([&] { return there->render_report() == R"({"connected":true,"waiting":0})"; }));
}

TEST_F(RedisChanges, OfAnotherInstallationAreNotHeard) {
    std::string other = redis_->url();
    other.back() = '1';
    Node here(redis_->url()), there(other), sender(redis_->url());
    Heard heard, nothing;
    const auto watch = here->watch("changes", heard.callback());
    const auto other_watch = there->watch("changes", nothing.callback());
    EXPECT_EQ(heard.next() + nothing.next(), "");
    sender->tell("changes", "tenant:7");
    EXPECT_EQ(heard.next(), "tenant:7");
    there->tell("changes", "its own");
    sender->tell("changes", "tenant:8");
    EXPECT_EQ(heard.next(), "tenant:8");
    EXPECT_EQ(nothing.next(milliseconds(0)), "nothing");
}

TEST_F(RedisChanges, BeginAnewWhenItComesBack) {
    Node here(redis_->url()), there(redis_->url());
    Heard heard;
    const auto watch = here->watch("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");
    there->tell("changes", "before");
    EXPECT_EQ(heard.next(), "before");
    redis_->kill();
    ASSERT_TRUE(wait_until([&] { return !watch->is_live(); }));
    EXPECT_EQ(here->find_fault(), "what other nodes change is not heard by Redis");
    there->tell("changes", "meanwhile");
    there->tell("changes", "meanwhile");
    ASSERT_TRUE(wait_until([&] { return !there.is_well(); }));
    EXPECT_EQ(there->find_fault(), "what this node changes is not told by Redis");
    EXPECT_TRUE(wait_until([&] { return there.has_metric("lodestone_redis_waiting 1"); }))
        << "once is enough";
    redis_->start();
    EXPECT_EQ(heard.next(), "") << "what was said meanwhile, nobody heard";
    ASSERT_TRUE(wait_until([&] { return here.is_well() && there.is_well(); }));
    EXPECT_TRUE(there.has_metric("lodestone_redis_waiting 0"));
    there->tell("changes", "after");
    EXPECT_TRUE(heard.wait_for("after"));
    EXPECT_THAT(here.log(), HasSubstr("what other nodes change shows late"));
    EXPECT_THAT(there.log(), HasSubstr("other nodes are told later"));
}

TEST_F(RedisChanges, SurviveAFlush) {
    Node here(redis_->url()), there(redis_->url());
    Heard heard;
    const auto watch = here->watch("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");
    EXPECT_EQ(redis_->ask({"FLUSHALL"}), "OK\n");
    there->tell("changes", "after");
    EXPECT_EQ(heard.next(), "after");
    // Thrown out by an administrator, both ways.
    redis_->ask({"CLIENT", "KILL", "TYPE", "pubsub"});
    redis_->ask({"CLIENT", "KILL", "TYPE", "normal"});
    EXPECT_EQ(heard.next(), "");
    there->tell("changes", "again");
    EXPECT_TRUE(heard.wait_for("again"));
}

// Nobody waits for a Redis that does not answer, and it is noticed.
TEST_F(RedisChanges, NoticeThatItIsFrozen) {
    Node here(redis_->url()), there(redis_->url());
    Heard heard;
    const auto watch = here->watch("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");
    there->tell("changes", "before");
    EXPECT_EQ(heard.next(), "before");
    redis_->pause();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 5'000; ++i) there->tell("changes", "change " + std::to_string(i));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));  // 0.01 s with time
    EXPECT_TRUE(wait_until([&] { return !watch->is_live() && !there.is_well(); }));
    redis_->resume();
    EXPECT_TRUE(wait_until([&] { return watch->is_live() && there.is_well(); }));
    EXPECT_TRUE(wait_until([&] { return there.has_metric("lodestone_redis_waiting 0"); }));
    there->tell("changes", "after");
    EXPECT_TRUE(heard.wait_for("after"));
}

TEST_F(RedisChanges, NeedNoRedisAtTheStart) {
    const std::string url = redis_->url();
    redis_->kill();
    Node here(url), there(url);
    Heard heard;
    const auto watch = here->watch("changes", heard.callback());
    EXPECT_TRUE(wait_until([&] { return here.has_metric("lodestone_redis_connected 0"); }));
    EXPECT_FALSE(watch->is_live());
    EXPECT_TRUE(there.is_well()) << "nothing is known of it: nobody has asked";
    redis_->start();
    EXPECT_EQ(heard.next(), "");
    EXPECT_TRUE(watch->is_live());
}

TEST_F(RedisChanges, WantTheRightPassword) {
    test::RedisServer closed({"--requirepass", "right-one"});
    Node right(closed.url(":right-one@")), wrong(closed.url(":wrong-one@")), none(closed.url());
    Heard heard, nothing;
    const auto watch = right->watch("changes", heard.callback());
    const auto wrong_watch = wrong->watch("changes", nothing.callback());
    const auto no_watch = none->watch("changes", nothing.callback());
    EXPECT_EQ(heard.next(), "");
    EXPECT_TRUE(wait_until([&] { return wrong.log().find("WRONGPASS") != std::string::npos; }));
    EXPECT_TRUE(wait_until([&] { return none.log().find("NOAUTH") != std::string::npos; }));
    EXPECT_THAT(wrong.log() + none.log(), Not(HasSubstr("wrong-one")));
    EXPECT_EQ(nothing.next(milliseconds(0)), "nothing");
    Node named(closed.url("default:right-one@"));
    named->tell("changes", "by name");
    EXPECT_EQ(heard.next(), "by name");
}

TEST_F(RedisChanges, AreSentBeforeItEnds) {
    Node here(redis_->url());
    Heard heard;
    const auto watch = here->watch("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");
    {
        Node command(redis_->url());
        command->tell("changes", "from a shell");
    }
    EXPECT_EQ(heard.next(), "from a shell");
    redis_->kill();
    Node command(redis_->url());
    command->tell("changes", "to nobody");
    command->stop();
    EXPECT_THAT(command.log(), HasSubstr("Redis did not take what was changed"));
}

// What a connection of a relay says, and what a Redis would answer to it.
std::string take_command(test::ScriptedPeer& peer) {
    const std::string count = peer.read_until("\r\n");
    if (!count.starts_with("*")) return {};
    std::string words;
    for (int left = std::stoi(count.substr(1)); left > 0; --left) {
        const std::string length = peer.read_until("\r\n");
        if (length.empty()) return {};
        const int size = std::stoi(length.substr(1));
        words +=
            peer.read_bytes(static_cast<std::size_t>(size) + 2).substr(0, static_cast<std::size_t>(size));
        if (left > 1) words += ' ';
    }
    return words;
}

void answer_subscribe(test::ScriptedPeer& peer) {
    EXPECT_EQ(take_command(peer), "SELECT 0");
    peer.send("+OK\r\n");
    EXPECT_EQ(take_command(peer), "SUBSCRIBE changes/0");
    peer.send("*3\r\n$9\r\nsubscribe\r\n$9\r\nchanges/0\r\n:1\r\n");
}

std::string url_of(const test::ScriptedServer& server, const std::string& scheme = "redis") {
    return scheme + "://127.0.0.1:" + std::to_string(server.port());
}

// After garbage nothing is believed: the connection is given up, and another one begins.
TEST(RedisGarbage, IsRefused) {
    const std::vector<std::string> garbage{"HTTP/1.1 200 OK\r\n",
                                           "$99999999\r\n",
                                           "*3\r\n$7\r\nmessage\r\n$5\r\nother\r\n$1\r\nx\r\n",
                                           "*3\r\n$7\r\nmessage\r\n$9\r\nchanges/0\r\n:1\r\n",
                                           "+OK\r\n",
                                           ":1\r\n",
                                           "*2\r\n*1\r\n",
                                           "-ERR gone mad\r\n"};
    test::ScriptedServer server([&](test::ScriptedPeer& peer) {
        answer_subscribe(peer);
        if (peer.index() >= garbage.size())
            peer.send("*3\r\n$7\r\nmessage\r\n$9\r\nchanges/0\r\n$9\r\nsomething\r\n");
        else
            peer.send(garbage[peer.index()]);
        peer.wait_closed();
    });
    Node node(url_of(server));
    Heard heard;
    const auto watch = node->watch("changes", heard.callback());
    for (std::size_t i = 0; i <= garbage.size(); ++i) EXPECT_EQ(heard.next(), "");
    EXPECT_EQ(heard.next(), "something");
    EXPECT_THAT(node.log(), HasSubstr("it does not answer as a Redis does"));
}

// Told again on another connection, until something that a Redis would say comes back.
TEST(RedisGarbage, IsNoReceipt) {
    std::atomic<std::size_t> told = 0;
    test::ScriptedServer server([&](test::ScriptedPeer& peer) {
        EXPECT_EQ(take_command(peer), "SELECT 0");
        peer.send("+OK\r\n");
        if (take_command(peer).ends_with(":tenant:7")) ++told;
        peer.send(peer.index() == 0 ? "+OK\r\n" : peer.index() == 1 ? "-NOPERM no\r\n" : ":1\r\n");
        while (!take_command(peer).empty()) peer.send("+PONG\r\n");
    });
    Node node(url_of(server));
    node->tell("changes", "tenant:7");
    EXPECT_TRUE(wait_until([&] { return node.has_metric("lodestone_redis_told_total 1"); }));
    EXPECT_EQ(told, 3u);
    EXPECT_TRUE(wait_until([&] { return node.is_well() && node.has_metric("lodestone_redis_waiting 0"); }));
    EXPECT_THAT(node.log(), HasSubstr("it refuses: NOPERM no"));
}

TEST(RedisGarbage, InPlaceOfAGreetingIsRefused) {
    test::ScriptedServer server([](test::ScriptedPeer& peer) {
        take_command(peer);
        peer.send(peer.index() % 2 == 0 ? ":7\r\n" : "SSH-2.0-OpenSSH\r\n");
        peer.wait_closed();
    });
    Node node(url_of(server));
    Heard heard;
    const auto watch = node->watch("changes", heard.callback());
    EXPECT_TRUE(wait_until([&] { return server.accepted_count() > 3; }));
    EXPECT_FALSE(watch->is_live());
    EXPECT_EQ(heard.next(milliseconds(0)), "nothing");
}

// As one does that does not know AUTH.
TEST(RedisGarbage, WithThePasswordInItIsNotLogged) {
    test::ScriptedServer server([](test::ScriptedPeer& peer) {
        EXPECT_EQ(take_command(peer), "AUTH secret-word");
        peer.send(peer.index() % 2 == 0
                      ? "-ERR unknown command `AUTH`, with args beginning with: `secret-word`, \r\n"
                      : "-secret-word is what you said\r\n");
        peer.wait_closed();
    });
    Node node("redis://:secret-word@127.0.0.1:" + std::to_string(server.port()));
    Heard nothing;
    const auto watch = node->watch("changes", nothing.callback());
    EXPECT_TRUE(wait_until([&] { return server.accepted_count() > 3; }));
    EXPECT_THAT(node.log(), HasSubstr("it refuses: ERR in answer to AUTH"));
    EXPECT_THAT(node.log(), Not(HasSubstr("secret-word")));
    EXPECT_EQ(nothing.next(milliseconds(0)), "nothing");
}

TEST(RedisTls, IsVerified) {
    const test::Authority ours("ours"), others("others");
    const test::TempFolder folder;
    ours.write_pem(folder / "ca.pem");
    const auto play = [](test::ScriptedPeer& peer) {
        answer_subscribe(peer);
        peer.wait_closed();
    };
    const auto good_tls = ours.make_server(), strange_tls = others.make_server();
    const auto misnamed_tls = ours.make_server({.names = "DNS:elsewhere.example"});
    test::ScriptedServer good(play, good_tls.get());
    Heard heard, nothing;
    Node node(url_of(good, "rediss"), folder / "ca.pem");
    const auto watch = node->watch("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");
    for (const auto* tls : {&strange_tls, &misnamed_tls}) {
        test::ScriptedServer bad(play, tls->get());
        Node refuser(url_of(bad, "rediss"), folder / "ca.pem");
        const auto refused = refuser->watch("changes", nothing.callback());
        EXPECT_TRUE(wait_until([&] {
            return refuser.log().find("its certificate is refused") != std::string::npos;
        })) << refuser.log();
        EXPECT_FALSE(refused->is_live());
    }
    EXPECT_EQ(nothing.next(milliseconds(0)), "nothing");
}

}  // namespace

}  // namespace lodestone::cache
