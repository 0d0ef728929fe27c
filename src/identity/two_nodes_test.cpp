// Two nodes on one database, or two processes on one file: what the one ends, the other refuses. The clock
// stands still, so nothing here is forgotten for its age unless a test says so: the other was told.
#include <gtest/gtest.h>

#include "identity/identity.hpp"
#include "identity/nouns/key.hpp"
#include "identity/nouns/session.hpp"
#include "identity/sign_in/refresh.hpp"
#include "support/gate_runner.hpp"
#include "support/received_headers.hpp"
#include "support/signing_in.hpp"
#include "support/wait.hpp"

namespace lodestone::identity {
namespace {

using test::acme;
using test::alice;

constexpr http::Route whoami_route{http::Method::get, "/whoami", http::Access::signed_in, nullptr};

// With its own memory, and its own connections.
struct Node {
    using OpenEngine = std::function<std::unique_ptr<db::Engine>(Context&)>;
    Node(Clock& shared_clock, const OpenEngine& open_engine, const VaultOptions& vault)
        : clock(shared_clock), database(open_engine(context)) {
        context.database = &database;
        database.keep_records(
            [keep = ledger::make_record_keeper(context)](db::Tx& tx, std::vector<db::Change> changes) {
                notify_of(tx, changes);
                keep(tx, std::move(changes));
            });
        identity.emplace(context, IdentityOptions{.vault = vault, .gate = {}});
        identity->gate.start_watching();
    }
    ~Node() {
        identity->stop();
        database.engine().stop();
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    // 200, or how it is refused.
    int ask(const std::string& text) {
        const std::string header = "Bearer " + text;
        const http::ReceivedHeaders headers = test::make_headers({{"Authorization", header}});
        http::Request request;
        request.headers = &headers;
        request.peer.address = "192.0.2.7";
        request.started = clock.steady_now();
        request.deadline = SteadyTime::max();
        request.match = {&whoami_route, {}};
        const auto refusal = test::find_refusal(loop, identity->gate, request);
        return refusal ? refusal->status() : 200;
    }

    Clock& clock;
    SystemRandom random;
    Metrics metrics;
    Health health;
    Log log{LogOptions{.level = LogLevel::off, .file = {}}, clock};
    Context context{clock, random, log, metrics, health};
    db::Database database;
    std::optional<Identity> identity;
    boost::asio::io_context loop{1};
};

class TwoNodes : public test::SigningIn {
  protected:
    void SetUp() override {
        test::SigningIn::SetUp();
        if (IsSkipped()) return;
        const auto open = [&](Context& node) { return open_engine(node, lacks()); };
        here_.emplace(clock(), open, vault_options());
        there_.emplace(clock(), open, vault_options());
        if (lacks().empty())
            EXPECT_TRUE(test::wait_until([this] { return here().identity->gate.is_watching(); }));
    }
    void TearDown() override {
        here_.reset();
        there_.reset();
        test::SigningIn::TearDown();
    }
    virtual db::Lacks lacks() const { return {}; }
    Node& here() { return *here_; }
    Node& there() { return *there_; }

    IssuedKey issue() {
        return there().database.write_now(unit(), [&](db::Tx& tx) {
            return issue_key(tx, acme, {.user_id = alice, .name = "a key"}, there().identity->vault.mint);
        });
    }
    void revoke(const IssuedKey& issued) {
        there().database.write_now(unit(), [&](db::Tx& tx) { revoke_key(tx, acme, issued.key.id, "lost"); });
    }
    // What `here` had in memory is refused there soon: in a small part of limits::principal_lifetime, on a
    // machine with time in hundredths of a second.
    void expect_refused_soon(const std::string& text) {
        constexpr std::chrono::seconds soon{10};
        static_assert(soon < limits::principal_lifetime);
        EXPECT_TRUE(test::wait_until([&] { return here().ask(text) == 401; }, soon));
    }

  private:
    std::optional<Node> here_, there_;
};
INSTANTIATE_ON_EVERY_DATABASE(TwoNodes);

TEST_P(TwoNodes, AKeyThatTheOtherRevokesIsRefused) {
    const IssuedKey issued = issue();
    EXPECT_EQ(here().ask(issued.text), 200);
    revoke(issued);
    expect_refused_soon(issued.text);
}

TEST_P(TwoNodes, ASessionThatTheOtherRefreshesGoesOnWithTheNewTokenOnly) {
    const SignedIn first = sign_in();
    EXPECT_EQ(here().ask(first.access_text), 200);
    const SignedIn second = await(
        refresh_session(there().identity->vault, there().database, first.refresh_text, visitor, unit()));
    expect_refused_soon(first.access_text);
    EXPECT_EQ(here().ask(second.access_text), 200);
}

TEST_P(TwoNodes, ASessionThatTheOtherEndsIsRefused) {
    const SignedIn left = sign_in();
    const SignedIn stolen = sign_in();
    const SignedIn kept = sign_in();
    for (const SignedIn* each : {&left, &stolen, &kept}) EXPECT_EQ(here().ask(each->access_text), 200);
    await(sign_out(there().identity->vault, there().database, left.access_text, unit()));
    expect_refused_soon(left.access_text);
    // Refreshed twice, with somebody going on in between: the family ends.
    const auto refresh = [&](const std::string& text) {
        return refresh_session(there().identity->vault, there().database, text, visitor, unit());
    };
    const SignedIn next = await(refresh(stolen.refresh_text));
    EXPECT_EQ(here().ask(next.access_text), 200);
    clock().advance(std::chrono::seconds(10));
    EXPECT_NE(refusal_of_task(refresh(stolen.refresh_text)), "");
    expect_refused_soon(next.access_text);
    EXPECT_EQ(here().ask(kept.access_text), 200) << "nothing else has ended";
}

// As on a server without LISTEN, and without Redis: what was believed is looked at again in the end.
class TwoDeafNodes : public TwoNodes {
  protected:
    db::Lacks lacks() const override { return {db::Capability::listen}; }
};
INSTANTIATE_TEST_SUITE_P(, TwoDeafNodes, ::testing::Values(db::EngineKind::postgres),
                         [](const auto&) { return "postgres"; });

TEST_P(TwoDeafNodes, TheLifetimeIsTheBound) {
    const IssuedKey issued = issue();
    EXPECT_EQ(here().ask(issued.text), 200);
    EXPECT_FALSE(here().identity->gate.is_watching()) << "and it says so";
    revoke(issued);
    EXPECT_EQ(there().ask(issued.text), 401) << "who revoked it knows";
    clock().advance(limits::principal_lifetime - std::chrono::milliseconds(1));
    EXPECT_EQ(here().ask(issued.text), 200) << "nobody has told";
    clock().advance(std::chrono::milliseconds(1));
    EXPECT_EQ(here().ask(issued.text), 401);
}

}  // namespace
}  // namespace lodestone::identity
