// What ./dev bench blobs measures: small blobs put by the store, as uploads put them, and the same by hand.
//
//     blobs_bench store|naive COUNT SECONDS FOLDER     COUNT coroutines, or threads; prints puts per second
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/ensure.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/unique_fd.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "http/wire/loop.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::bench {
namespace {

constexpr std::size_t blob_bytes = 4096;

struct Blob {
    blobs::BlobKey key;
    std::string bytes;
};

class Source {
  public:
    Blob next() {
        Blob blob;
        blob.bytes.resize(blob_bytes);
        random_.fill({reinterpret_cast<std::uint8_t*>(blob.bytes.data()), blob.bytes.size()});
        Sha256Digest digest;
        digest.add(blob.bytes);
        blob.key = {.sha256 = digest.finish(), .id = blobs::BlobId::make(clock_, random_)};
        return blob;
    }

  private:
    SystemClock clock_;
    SystemRandom random_;
};

void confirm_folder(const std::string& folder) {
    const UniqueFd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ensure(::fsync(opened.value()) == 0, "its names are confirmed");
}

// As many do it who have one thread for each: a temporary file, confirmed, renamed, its folder confirmed, and
// the one above it where that is new.
void put_by_hand(const std::string& folder, const Blob& blob) {
    const std::string text = blobs::render_blob_key(blob.key);
    const std::string leaf = folder + "/" + text.substr(0, 5);
    const bool is_new = std::filesystem::create_directories(leaf);
    const std::string draft = folder + "/draft-" + text.substr(6);
    const UniqueFd file(::open(draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
    ensure(::write(file.value(), blob.bytes.data(), blob.bytes.size()) == ssize_t{blob_bytes},
           "it is written");
    ensure(::fdatasync(file.value()) == 0, "it is confirmed");
    ensure(::rename(draft.c_str(), (folder + "/" + text).c_str()) == 0, "it is renamed");
    confirm_folder(leaf);
    if (is_new) confirm_folder(folder + "/" + text.substr(0, 2));
}

double measure_naive(int count, std::chrono::duration<double> length, const std::string& folder) {
    std::atomic<std::int64_t> puts{0};
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] {
            Source source;
            for (; std::chrono::steady_clock::now() - begin < length; ++puts)
                put_by_hand(folder, source.next());
        });
    for (std::thread& thread : threads) thread.join();
    return static_cast<double>(puts) /
           std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The parts of a server that a store needs, and no more.
struct World {
    explicit World(const std::string& folder)
        : loops(1, metrics),
          store(blobs::open_filesystem_store({.folder = folder}, loops.workers(), context)) {
        loops.start();
    }
    ~World() {
        store->stop();
        loops.stop();
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    SystemClock clock;
    SystemRandom random;
    Metrics metrics;
    Health health;
    Log log{LogOptions{.level = LogLevel::off, .file = "/dev/null"}, clock};
    Context context{clock, random, log, metrics, health};
    http::Loops loops;
    std::unique_ptr<blobs::Store> store;
    std::atomic<std::int64_t> puts{0};
    std::atomic<int> running{0};
};

Task<> put_until(World& world, SteadyTime end) {
    Source source;
    for (; std::chrono::steady_clock::now() < end; ++world.puts) {
        Blob blob = source.next();
        co_await world.store->put_small(blob.key, std::move(blob.bytes));
    }
    --world.running;
    world.running.notify_all();
}

double measure_store(int count, std::chrono::duration<double> length, const std::string& folder) {
    World world(folder);
    world.running = count;
    const auto begin = std::chrono::steady_clock::now();
    const auto end = begin + std::chrono::duration_cast<std::chrono::microseconds>(length);
    for (int i = 0; i < count; ++i)
        http::spawn(world.loops.at(0).executor(), put_until(world, end), [](std::string_view why) {
            fmt::print(stderr, "{}\n", why);
            std::abort();
        });
    for (int left = count; left != 0; left = world.running) world.running.wait(left);
    return static_cast<double>(world.puts) /
           std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace
}  // namespace lodestone::bench

int main(int count, char** words) {
    using namespace lodestone;
    ensure(count == 5, "blobs_bench store|naive COUNT SECONDS FOLDER");
    const std::chrono::duration<double> length(std::atof(words[3]));
    const int parallel = std::atoi(words[2]);
    const bool is_store = std::string(words[1]) == "store";
    fmt::print("{:.0f}\n", is_store ? bench::measure_store(parallel, length, words[4])
                                    : bench::measure_naive(parallel, length, words[4]));
    return 0;
}
