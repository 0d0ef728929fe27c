// Lookups beside each other: one slow name holds up neither the others nor the end.
#include "http/client/lookup_threads.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

#include "base/limits.hpp"

namespace lodestone::http {
namespace {

// Names that end in "slow.example" are looked up until they are released; threads may hold it after the test.
class Names {
  public:
    LookupResult look_up(const std::string& host) {
        std::unique_lock lock(mutex_);
        begun_.insert(host);
        changed_.notify_all();
        if (host.ends_with("slow.example")) changed_.wait(lock, [this] { return is_released_; });
        return {{*parse_address("192.0.2.7")}, host};
    }
    void wait_until_begun(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return begun_.size() >= count; });
    }
    bool has_begun(const std::string& host) {
        const std::lock_guard lock(mutex_);
        return begun_.contains(host);
    }
    void release() {
        const std::lock_guard lock(mutex_);
        is_released_ = true;
        changed_.notify_all();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> begun_;
    bool is_released_ = false;
};

class LookupThreadsTest : public ::testing::Test {
  protected:
    LookupThreadsTest()
        : threads_(std::make_unique<LookupThreads>(
              [names = names_](const std::string& host) { return names->look_up(host); })) {}
    ~LookupThreadsTest() override { names_->release(); }

    void start(const std::string& host) {
        threads_->start(host, context_.get_executor(),
                        [this](LookupResult result) { answered_.insert(result.detail); });
    }
    void run_until_answered(const std::string& host) {
        while (!answered_.contains(host)) context_.run_one();
    }

    std::shared_ptr<Names> names_ = std::make_shared<Names>();
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    std::set<std::string> answered_;
    std::unique_ptr<LookupThreads> threads_;
};

TEST_F(LookupThreadsTest, SlowNamesOfADomainHoldUpNobodyElse) {
    for (std::size_t i = 0; i < limits::lookup_threads * 2; ++i) start(std::to_string(i) + ".slow.example");
    names_->wait_until_begun(limits::lookups_per_domain);
    start("quick.upstream.example");
    start("localhost");
    run_until_answered("quick.upstream.example");
    run_until_answered("localhost");
    EXPECT_EQ(answered_.size(), 2u);
    EXPECT_FALSE(names_->has_begun(std::to_string(limits::lookups_per_domain) + ".slow.example"));
    names_->release();
    for (std::size_t i = 0; i < limits::lookup_threads * 2; ++i)
        run_until_answered(std::to_string(i) + ".slow.example");
}

TEST_F(LookupThreadsTest, EndsWithoutWaiting) {
    start("a.slow.example");
    start("b.slow.example");
    start("c.slow.example");
    names_->wait_until_begun(limits::lookups_per_domain);
    threads_.reset();
    names_->release();
    EXPECT_EQ(context_.poll(), 0u) << "nobody is told any more";
}

TEST_F(LookupThreadsTest, AreClosedForWhoeverElseOwnsThem) {
    start("a.slow.example");
    names_->wait_until_begun(1);
    threads_->close();
    names_->release();
    start("upstream.example");
    threads_.reset();
    EXPECT_EQ(context_.poll(), 0u);
    EXPECT_FALSE(names_->has_begun("upstream.example"));
}

TEST(LookUpHost, AsksTheSystem) {
    const LookupResult found = look_up_host("localhost");
    ASSERT_FALSE(found.addresses.empty()) << found.detail;
    for (const Address& address : found.addresses) EXPECT_FALSE(is_globally_reachable(address));
    // A label over 63 bytes is refused without asking anybody.
    const LookupResult none = look_up_host(std::string(64, 'a') + ".invalid");
    EXPECT_TRUE(none.addresses.empty());
    EXPECT_NE(none.detail, "");
}

}  // namespace
}  // namespace lodestone::http
