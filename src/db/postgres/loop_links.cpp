// A link for each loop that asks, up to a bound, and connections for those that have none.
#include "db/postgres/loop_links.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"

namespace lodestone::db {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_back_off{50};
constexpr milliseconds longest_back_off{3'000};
constexpr milliseconds read_only_lifetime{2'000};  // then we look whether there is a primary again

}  // namespace

LoopLinks::LoopLinks(const PostgresOptions& options, Context& context,
                     std::function<void(Ticket)> give_to_pool)
    : options_(options),
      context_(context),
      numbers_(context.metrics, "loop"),
      hosts_(options.url),
      stop_event_(::eventfd(0, EFD_CLOEXEC)),
      owner_(next_loop_owner()),
      around_{.options = options_,
              .context = context_,
              .numbers = numbers_,
              .give_to_pool = std::move(give_to_pool),
              .want_connection = [this](LoopLink& link) { wish(link); }} {
    ensure(stop_event_.is_open(), "there is a descriptor for an event");
}

LoopLinks::~LoopLinks() {
    stop();
}

std::shared_ptr<LoopLink> LoopLinks::find_link(const LoopExecutor& loop) {
    std::shared_ptr<LoopItem>& item = loop_item(loop, owner_);
    if (!item) {
        const std::lock_guard lock(mutex_);
        if (is_stopping_ || links_.size() >= limits::database_loops) return nullptr;
        links_.push_back(std::make_shared<LoopLink>(loop, around_));
        item = links_.back();
        if (!connector_.joinable()) connector_ = std::thread([this] { connect_all(); });
        wishes_.push_back({.link = links_.back(), .due = SteadyTime{}});
        wished_.notify_one();
    }
    return std::static_pointer_cast<LoopLink>(item);
}

bool LoopLinks::take(std::unique_ptr<Work>& work) {
    const bool is_look_up = work->kind() == WorkKind::look_up;
    if (!work->loop || work->kind() == WorkKind::write || !work->habit().suits_loops(is_look_up))
        return false;
    const auto link = find_link(*work->loop);
    return link && link->take(work, generation_);
}

void LoopLinks::wish(LoopLink& link) {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    wishes_.push_back({.link = link.shared_from_this(), .due = SteadyTime{}});
    wished_.notify_one();
}

void LoopLinks::connect_all() {
    ::pthread_setname_np(::pthread_self(), "db-connect");
    std::unique_lock lock(mutex_);
    while (!is_stopping_) {
        const auto next =
            std::min_element(wishes_.begin(), wishes_.end(),
                             [](const Wish& one, const Wish& other) { return one.due < other.due; });
        const SteadyTime time = std::chrono::steady_clock::now();
        if (next == wishes_.end()) {
            wished_.wait(lock);
            continue;
        }
        if (next->due > time) {
            wished_.wait_until(lock, next->due);
            continue;
        }
        Wish wish = std::move(*next);
        wishes_.erase(next);
        lock.unlock();
        const bool is_done = connect(wish);
        lock.lock();
        if (is_done) continue;
        const milliseconds wait =
            std::min(longest_back_off, first_back_off * (1 << std::min(wish.failures++, 6)));
        wish.due = std::chrono::steady_clock::now() + wait;
        wishes_.push_back(std::move(wish));
    }
    wishes_.clear();
}

// A failure needs no words: the pool, which connects to the same hosts, has them.
bool LoopLinks::connect(Wish& wish) {
    const std::uint64_t generation = generation_;
    Connected connected = hosts_.connect(
        Hosts::Wanted::writes_or_reads,
        {.options = options_, .clock = context_.clock, .numbers = numbers_, .stop = stop_event_.value()});
    if (!connected.connection) {
        numbers_.connect_errors.add();
        return false;
    }
    const bool is_read_only = connected.connection->facts().is_read_only;
    const std::uint64_t range =
        static_cast<std::uint64_t>(std::max<std::int64_t>(1, options_.max_lifetime.count() / 2));
    const milliseconds less{static_cast<std::int64_t>(context_.random.next_u64() % range)};
    const SteadyTime ends =
        context_.clock.steady_now() + (is_read_only ? read_only_lifetime : options_.max_lifetime - less);
    const std::lock_guard lock(mutex_);  // against the loop's end: stop() waits for it, and then posts
    if (is_stopping_ || wish.link->has_left()) return true;
    auto adopt = [link = wish.link, made = std::move(connected.connection), generation, ends]() mutable {
        link->adopt(std::move(made), generation, ends);
    };
    boost::asio::post(wish.link->loop(), std::move(adopt));
    return true;
}

void LoopLinks::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(is_stopping_, true)) return;
        wished_.notify_one();
    }
    const std::uint64_t one = 1;
    ensure(::write(stop_event_.value(), &one, sizeof one) == sizeof one, "an event can be told");
    if (connector_.joinable()) connector_.join();
    std::vector<std::pair<std::shared_ptr<LoopLink>, std::future<void>>> closing;
    for (const auto& link : links_) {
        if (link->has_left()) continue;
        auto closed = std::make_shared<std::promise<void>>();
        closing.emplace_back(link, closed->get_future());
        boost::asio::post(link->loop(), [link, closed] { link->close(closed); });
    }
    // A loop that does not turn, as after a test's run(), answers nobody: then nothing is under way on it.
    for (auto& [link, closed] : closing)
        while (closed.wait_for(milliseconds(1)) != std::future_status::ready)
            if (link->has_left() || link->loop().context().stopped()) {
                link->leave_loop();
                break;
            }
}

std::int64_t LoopLinks::size() const {
    const std::lock_guard lock(mutex_);
    return std::count_if(links_.begin(), links_.end(),
                         [](const auto& link) { return link->has_connection(); });
}

}  // namespace lodestone::db
