// Process metrics: the parser of /proc/PID/stat, and that the numbers are those of this process.
#include "base/process_metrics.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#include <cstdlib>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "base/metrics.hpp"
#include "base/unique_fd.hpp"

namespace lodestone {
namespace {

double read_value(const Metrics& metrics, const std::string& name) {
    const std::string page = metrics.render();
    const std::size_t at = page.find("\n" + name + " ");
    if (at == std::string::npos) {
        ADD_FAILURE() << name << " is not on the page:\n" << page;
        return -1;
    }
    return std::strtod(page.c_str() + at + name.size() + 2, nullptr);
}

class ProcessMetricsTest : public ::testing::Test {
  protected:
    ProcessMetricsTest() { add_process_metrics(metrics_, {"1.2.3", "abcdef0"}); }
    Metrics metrics_;
};

TEST(ProcessStat, ReadsItsFieldsBehindAnyName) {
    const std::string tail =
        " S 1 12 12 0 -1 4194304 1000 0 2 0 30 40 0 0 20 0 7 0 123456 987654144 2048 18446744073709551615 1 "
        "1 0\n";
    for (const std::string name : {"(lodestone)", "(a b) c) (d)", "()"}) {
        const auto stat = parse_process_stat("12 " + name + tail);
        ASSERT_TRUE(stat) << name;
        EXPECT_EQ(stat->thread_count, 7u);
        EXPECT_EQ(stat->start_ticks, 123456u);
        EXPECT_EQ(stat->virtual_bytes, 987654144u);
        EXPECT_EQ(stat->resident_pages, 2048u);
    }
}

TEST(ProcessStat, RefusesWhatItCannotRead) {
    for (const std::string_view text :
         {"", "12 (x", "12 (x) S 1 2 3", "12 (x) S 1 12 12 0 -1 4 1 0 2 0 30 40 0 0 20 0 x 0 1 2 3 4\n"})
        EXPECT_FALSE(parse_process_stat(text)) << text;
}

TEST_F(ProcessMetricsTest, ShowTheBuild) {
    EXPECT_THAT(metrics_.render(),
                ::testing::HasSubstr("lodestone_build_info{commit=\"abcdef0\",version=\"1.2.3\"} 1\n"));
}

TEST_F(ProcessMetricsTest, CountDescriptors) {
    const double before = read_value(metrics_, "process_open_fds");
    const UniqueFd one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const UniqueFd two(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(read_value(metrics_, "process_open_fds"), before + 2);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(read_value(metrics_, "process_max_fds"), static_cast<double>(limit.rlim_cur));
}

TEST_F(ProcessMetricsTest, CountThreads) {
    // Well above the few that earlier tests may leave dying: a joined thread is counted a moment longer.
    constexpr int thread_count = 20;
    EXPECT_LT(read_value(metrics_, "process_threads"), thread_count);
    std::latch done(1);
    std::vector<std::jthread> threads;
    for (int i = 0; i < thread_count; ++i) threads.emplace_back([&] { done.wait(); });
    EXPECT_GT(read_value(metrics_, "process_threads"), thread_count);
    done.count_down();
}

TEST_F(ProcessMetricsTest, SeeMemoryThatIsTouched) {
    // Fresh pages from the kernel: an allocator could hand out some that are resident already.
    constexpr std::size_t size = 64 << 20;
    const double before = read_value(metrics_, "process_resident_memory_bytes");
    void* const pages =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    ASSERT_NE(pages, MAP_FAILED);
    EXPECT_GT(read_value(metrics_, "process_resident_memory_bytes"), before + size / 2.0);
    EXPECT_GT(read_value(metrics_, "process_virtual_memory_bytes"),
              read_value(metrics_, "process_resident_memory_bytes"));
    ::munmap(pages, size);
}

TEST_F(ProcessMetricsTest, SeeTimePass) {
    const double cpu = read_value(metrics_, "process_cpu_seconds_total");
    while (read_value(metrics_, "process_cpu_seconds_total") < cpu + 0.001) {
    }
    const double start = read_value(metrics_, "process_start_time_seconds");
    EXPECT_LE(start, static_cast<double>(::time(nullptr)) + 1);
    EXPECT_GT(start, static_cast<double>(::time(nullptr)) - 3600);
    EXPECT_EQ(read_value(metrics_, "process_start_time_seconds"), start);
}

// The unit shows the service its own folder of /proc and nothing beside (ProcSubset=pid).
TEST_F(ProcessMetricsTest, NeedNothingOfProcButTheirOwn) {
    bool is_hidden = false;
    Metrics seen;
    // Mounts belong to a thread once it has asked for that.
    std::thread([&] {
        is_hidden = ::unshare(CLONE_NEWNS) == 0 &&
                    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                    ::mount("/dev/null", "/proc/stat", nullptr, MS_BIND, nullptr) == 0;
        if (is_hidden) add_process_metrics(seen, {"1.2.3", "abcdef0"});
    }).join();
    if (!is_hidden) GTEST_SKIP() << "hiding /proc/stat needs the right to mount";
    EXPECT_NEAR(read_value(seen, "process_start_time_seconds"),
                read_value(metrics_, "process_start_time_seconds"), 1);
}

}  // namespace
}  // namespace lodestone
