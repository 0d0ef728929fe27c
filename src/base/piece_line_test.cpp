// Bytes from a loop to a worker thread: in order, never more ahead than there is room for, and what goes
// wrong there is known here.
#include "base/piece_line.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <boost/asio/co_spawn.hpp>
#include <future>
#include <numeric>

#include "base/hashed_file.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/worker_threads.hpp"
#include "support/files.hpp"
#include "support/temp_folder.hpp"

namespace lodestone {
namespace {

// Runs the coroutine to its end on a loop of its own; what it throws is thrown here.
void run(Task<> task) {
    boost::asio::io_context context(1);
    std::exception_ptr failure;
    boost::asio::co_spawn(context.get_executor(), std::move(task),
                          [&failure](const std::exception_ptr& thrown) { failure = thrown; });
    context.run();
    if (failure) std::rethrow_exception(failure);
}

class Collected final : public PieceTaker {
  public:
    void take(std::string_view piece) override {
        if (waits_for.valid()) waits_for.wait();
        largest = std::max(largest, piece.size());
        text += piece;
        if (fails_after > 0 && text.size() >= fails_after) throw Problem(problems::storage_full, "no room");
    }
    std::string text;
    std::size_t largest = 0;
    std::size_t fails_after = 0;
    std::shared_future<void> waits_for;
};

std::string numbers(std::size_t size_bytes) {
    std::string text;
    for (int i = 0; text.size() < size_bytes; ++i) text += std::to_string(i);
    return text;
}

Task<> write_all(WorkerThreads& workers, std::shared_ptr<PieceTaker> taker, std::string_view text,
                 std::size_t at_once) {
    PieceLine line(workers, std::move(taker));
    for (; !text.empty(); text.remove_prefix(std::min(at_once, text.size())))
        co_await line.write(text.substr(0, at_once));
    co_await line.finish();
}

TEST(PieceLine, HandsOnEveryByteInOrder) {
    WorkerThreads workers(2);
    const std::string text = numbers(5 * limits::mib);
    for (const std::size_t at_once : {std::size_t{1'000}, limits::worked_piece_bytes, 3 * limits::mib}) {
        const auto taker = std::make_shared<Collected>();
        run(write_all(workers, taker, text, at_once));
        EXPECT_TRUE(taker->text == text) << at_once;
        EXPECT_EQ(taker->largest, limits::worked_piece_bytes);
    }
    const auto none = std::make_shared<Collected>();
    run(write_all(workers, none, "", 1));
    EXPECT_EQ(none->text, "");
}

Task<> fill_until_it_waits(WorkerThreads& workers, std::shared_ptr<PieceTaker> taker, std::size_t most,
                           std::size_t& filled, std::promise<void>& is_full) {
    PieceLine line(workers, std::move(taker));
    for (;;) {
        // What fits is given at once; the call after that would wait.
        if (filled == most) is_full.set_value();
        const std::span<char> room = co_await line.room();
        if (filled == most) break;
        std::ranges::fill(room, 'x');
        line.fill(room.size());
        ++filled;
    }
    co_await line.finish();
}

void expect_to_wait_behind(std::size_t most) {
    WorkerThreads workers(1);
    const auto taker = std::make_shared<Collected>();
    std::promise<void> may_take;
    taker->waits_for = may_take.get_future().share();
    std::size_t filled = 0;
    std::promise<void> is_full;
    std::thread other([&, full = is_full.get_future()]() mutable {
        full.wait();
        may_take.set_value();
    });
    run(fill_until_it_waits(workers, taker, most, filled, is_full));
    other.join();
    EXPECT_EQ(filled, most);
    EXPECT_EQ(taker->text.size(), most * limits::worked_piece_bytes);
}

TEST(PieceLine, WaitsWhenAllPiecesAreUnderWay) {
    expect_to_wait_behind(limits::pieces_of_long_line);
}

Task<> take_room(PieceLine& line) {
    co_await line.room();
}

TEST(PieceLine, IsShortWhereThereAreMany) {
    WorkerThreads workers(1);
    std::vector<std::unique_ptr<PieceLine>> others;
    for (std::size_t i = 0; i < limits::pieces_for_long_lines; ++i) {
        others.push_back(std::make_unique<PieceLine>(workers, std::make_shared<Collected>()));
        run(take_room(*others.back()));
    }
    expect_to_wait_behind(limits::pieces_under_way);
    others.clear();
    expect_to_wait_behind(limits::pieces_of_long_line);
}

TEST(PieceLine, ThrowsWhatTheTakerThrows) {
    WorkerThreads workers(1);
    for (const std::size_t size_bytes : {std::size_t{10}, 10 * limits::mib}) {
        const auto taker = std::make_shared<Collected>();
        taker->fails_after = 1;
        const auto fault =
            find_problem([&] { run(write_all(workers, taker, numbers(size_bytes), limits::mib)); });
        EXPECT_EQ(fault, "no room") << size_bytes;
        EXPECT_LE(taker->text.size(), limits::worked_piece_bytes) << "nothing more was taken";
    }
}

Task<> begin_and_leave(WorkerThreads& workers, std::shared_ptr<PieceTaker> taker) {
    PieceLine line(workers, std::move(taker));
    co_await line.write(std::string(2 * limits::worked_piece_bytes + 1, 'x'));
}

TEST(PieceLine, LeavesItsTakerToTheThreadThatIsAtWork) {
    std::weak_ptr<Collected> seen;
    {
        WorkerThreads workers(1);
        auto taker = std::make_shared<Collected>();
        std::promise<void> may_take;
        taker->waits_for = may_take.get_future().share();
        seen = taker;
        run(begin_and_leave(workers, std::move(taker)));
        may_take.set_value();
    }
    EXPECT_TRUE(seen.expired());
}

TEST(HashedFile, HashesWhatItWrites) {
    const test::TempFolder folder;
    WorkerThreads workers(2);
    const std::string text = numbers(limits::mib + 7);
    const std::string path = folder / "file";
    const auto file =
        std::make_shared<HashedFile>(UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
    run(write_all(workers, file, text, 100'000));
    EXPECT_EQ(file->size_bytes(), text.size());
    EXPECT_TRUE(test::read_file(path) == text);
    Sha256Digest whole;
    whole.add(text);
    EXPECT_EQ(file->finish(), whole.finish());
    Sha256Digest known;
    known.add("abc");
    EXPECT_EQ(to_hex(known.finish()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HashedFile, SaysThatTheDiskIsFull) {
    WorkerThreads workers(1);
    const auto file = std::make_shared<HashedFile>(UniqueFd(::open("/dev/full", O_WRONLY | O_CLOEXEC)));
    const auto fault = find_problem([&] { run(write_all(workers, file, "abc", 3)); });
    EXPECT_EQ(fault, "There is no room for the file: make some and send it again.");
}

}  // namespace
}  // namespace lodestone
