// The way to a database thread and back, with nothing to do there.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "cases.hpp"

namespace lodestone::bench {

namespace {

constexpr std::size_t warm_up = 2'000;

// The least that two threads can do for each other: a mutex, a condition, and the loop's post().
class BareEngine final : public db::Engine {
  public:
    ~BareEngine() override { stop(); }
    db::EngineKind kind() const override { return db::EngineKind::sqlite; }
    db::Capabilities capabilities() const override { return {}; }
    db::EngineStatus status() const override { return {}; }
    std::unique_ptr<ChangeWatch> watch_changes(const std::string&, ChangeCallback) override {
        return nullptr;
    }
    void forget_statements() override {}
    void submit(std::unique_ptr<db::Work> work) override {
        {
            const std::lock_guard lock(mutex_);
            line_.push_back(std::move(work));
        }
        arrived_.notify_one();
    }
    void stop() override {
        {
            const std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        arrived_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

  private:
    void run() {
        for (;;) {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [this] { return is_over_ || !line_.empty(); });
            if (line_.empty()) return;
            const std::unique_ptr<db::Work> work = std::move(line_.front());
            line_.pop_front();
            lock.unlock();
            work->finish(nullptr);
        }
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::unique_ptr<db::Work>> line_;
    bool is_over_ = false;
    std::thread thread_{[this] { run(); }};  // last: it uses the rest
};

Task<> hop(db::Engine& engine, double seconds, std::vector<double>& took, std::latch& done) {
    const auto nothing = [](db::Tx&) {};
    for (std::size_t i = 0; i < warm_up; ++i)
        co_await db::await_work(engine, db::WorkKind::write, {}, nothing);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    for (auto start = std::chrono::steady_clock::now(); start < end;) {
        co_await db::await_work(engine, db::WorkKind::write, {}, nothing);
        const auto now = std::chrono::steady_clock::now();
        took.push_back(std::chrono::duration<double, std::micro>(now - start).count());
        start = now;
    }
    done.count_down();
}

std::vector<double> time_engine(World& world, db::Engine& engine, double seconds) {
    std::vector<double> took;
    std::latch done(1);
    http::spawn_vital(world.loops().next().executor(), hop(engine, seconds, took, done), "the client");
    done.wait();
    std::ranges::sort(took);
    return {took[took.size() / 2], took[took.size() * 99 / 100]};
}

}  // namespace

std::vector<double> time_hops(const CaseOptions& options) {
    World world(options.address, options.readers);
    return time_engine(world, world.database().engine(), options.seconds);
}

std::vector<double> time_bare_hops(const CaseOptions& options) {
    World world(options.address);
    BareEngine engine;
    return time_engine(world, engine, options.seconds);
}

}  // namespace lodestone::bench
