// The log from its callers' side: levels, rotation, many threads, and a disk that comes back.
#include "base/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <map>
#include <sstream>
#include <system_error>
#include <thread>
#include <vector>

#include "support/files.hpp"
#include "support/temp_folder.hpp"

namespace lodestone {
namespace {

using test::read_file;
using test::TempFolder;

std::vector<boost::json::object> parse_lines(const std::string& text) {
    std::vector<boost::json::object> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        boost::json::error_code error;
        boost::json::value value = boost::json::parse(line, error);
        if (error) {
            ADD_FAILURE() << "not a line of JSON: " << line;
            continue;
        }
        lines.push_back(std::move(value.as_object()));
    }
    return lines;
}

std::vector<std::string> list_events(const std::string& path) {
    std::vector<std::string> events;
    for (const auto& line : parse_lines(read_file(path))) events.emplace_back(line.at("event").as_string());
    return events;
}

class LogTest : public ::testing::Test {
  protected:
    LogOptions options() const { return {.level = LogLevel::info, .file = path_}; }

    TempFolder folder_;
    FakeClock clock_;
    std::string path_ = folder_ / "a.log";
};

TEST_F(LogTest, WritesLinesAsTheyAreRendered) {
    Log log(options(), clock_);
    log.info("started", {{"port", 8080}});
    clock_.advance(std::chrono::microseconds{1});
    log.error("broken");
    log.flush();
    EXPECT_EQ(read_file(path_),
              R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","event":"started","port":8080})"
              "\n"
              R"({"time":"2027-01-15T08:00:00.000001Z","level":"error","event":"broken"})"
              "\n");
}

TEST_F(LogTest, WritesPrettyLines) {
    LogOptions pretty = options();
    pretty.format = LogFormat::pretty;
    Log log(pretty, clock_);
    log.warn("careful", {{"is_near", true}});
    log.flush();
    EXPECT_EQ(read_file(path_), "2027-01-15T08:00:00.000000Z WARN  careful is_near=true\n");
}

TEST_F(LogTest, TakesFieldsThatWereCollected) {
    Log log(options(), clock_);
    std::vector<LogField> fields{{"a", 1}};
    fields.push_back({"b", "two"});
    log.write(LogLevel::info, "e", fields);
    log.flush();
    EXPECT_NE(read_file(path_).find(R"("a":1,"b":"two"})"), std::string::npos);
}

TEST_F(LogTest, LevelsChangeWhileItRuns) {
    Log log(options(), clock_);
    const auto write_all = [&log](std::string prefix) {
        log.debug(prefix + " debug");
        log.info(prefix + " info");
        log.warn(prefix + " warn");
        log.error(prefix + " error");
    };
    write_all("info");
    log.set_level(LogLevel::error);
    EXPECT_FALSE(log.is_enabled(LogLevel::warn));
    EXPECT_TRUE(log.is_enabled(LogLevel::error));
    write_all("error");
    log.set_level(LogLevel::off);
    EXPECT_FALSE(log.is_enabled(LogLevel::error));
    EXPECT_FALSE(log.is_enabled(LogLevel::off));
    write_all("off");
    log.set_level(LogLevel::debug);
    write_all("debug");
    log.flush();
    const std::vector<std::string> expected{"info info",   "info warn",  "info error", "error error",
                                            "debug debug", "debug info", "debug warn", "debug error"};
    EXPECT_EQ(list_events(path_), expected);
}

TEST_F(LogTest, ThreadsLoseAndTearNothing) {
    constexpr int thread_count = 8;
    constexpr int lines_each = 10'000;
    {
        Log log(options(), clock_);
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < thread_count; ++thread) {
            threads.emplace_back([&log, thread] {
                for (int i = 0; i < lines_each; ++i) {
                    log.info("line", {{"thread", thread}, {"number", i}});
                    if (i % 1000 == 0) log.flush();  // so that the buffer cannot overflow
                }
            });
        }
        threads.clear();
        EXPECT_EQ(log.dropped_count(), 0u);
    }
    std::map<std::int64_t, std::int64_t> next;
    for (const auto& line : parse_lines(read_file(path_)))
        ASSERT_EQ(line.at("number").as_int64(), next[line.at("thread").as_int64()]++);
    ASSERT_EQ(next.size(), static_cast<std::size_t>(thread_count));
    for (const auto& [thread, count] : next) EXPECT_EQ(count, lines_each) << thread;
}

TEST_F(LogTest, RotationByRenameLosesNothing) {
    constexpr int line_count = 20'000;
    Log log(options(), clock_);
    std::jthread writer([&log] {
        for (int i = 0; i < line_count; ++i) {
            log.info("line", {{"number", i}});
            if (i % 1000 == 0) log.flush();
        }
    });
    constexpr int rotation_count = 5;
    for (int i = 0; i < rotation_count; ++i) {
        std::filesystem::rename(path_, path_ + "." + std::to_string(i));
        log.reopen();
        log.flush();
    }
    writer.join();
    log.info("last");
    log.flush();
    std::string all;
    for (int i = 0; i < rotation_count; ++i) all += read_file(path_ + "." + std::to_string(i));
    const std::vector<boost::json::object> lines = parse_lines(all + read_file(path_));
    ASSERT_EQ(lines.size(), line_count + 1u);
    for (int i = 0; i < line_count; ++i)
        ASSERT_EQ(lines[static_cast<std::size_t>(i)].at("number").as_int64(), i);
    EXPECT_EQ(list_events(path_).back(), "last");
}

TEST_F(LogTest, ReopeningThatFailsKeepsTheOldFile) {
    const std::string gone = folder_ / "gone";
    std::filesystem::create_directory(gone);
    LogOptions in_folder = options();
    in_folder.file = gone + "/a.log";
    Log log(in_folder, clock_);
    std::filesystem::rename(gone, folder_ / "moved");
    EXPECT_THROW(log.reopen(), std::system_error);
    log.info("still here");
    log.flush();
    EXPECT_EQ(list_events(folder_ / "moved/a.log"), std::vector<std::string>{"still here"});
}

TEST_F(LogTest, CannotStartOnAFileThatCannotBeOpened) {
    LogOptions bad = options();
    bad.file = folder_ / "";
    EXPECT_THROW(Log(bad, clock_), std::system_error);
}

TEST_F(LogTest, SaysHowManyLinesAFullDiskCost) {
    std::filesystem::create_symlink("/dev/full", path_);
    Log log(options(), clock_);
    for (int i = 0; i < 3; ++i) log.info("lost");
    log.flush();
    EXPECT_EQ(log.dropped_count(), 3u);
    std::filesystem::remove(path_);
    log.reopen();
    log.info("written");
    log.flush();
    EXPECT_EQ(read_file(path_),
              R"({"time":"2027-01-15T08:00:00.000000Z","level":"warn","event":"log lines lost",)"
              R"("count":3,"cause":"No space left on device"})"
              "\n"
              R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","event":"written"})"
              "\n");
}

}  // namespace
}  // namespace lodestone
