// Sinks: how files are opened, and what a full device, a sleeping reader and a closed pipe answer.
#include "base/log_sink.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "support/files.hpp"
#include "support/pipe_reader.hpp"
#include "support/temp_folder.hpp"

namespace lodestone {
namespace {

using test::PipeReader;
using test::read_file;
using test::TempFolder;

// Puts a descriptor in place of standard error for as long as it lives.
class StandardErrorSwap {
  public:
    explicit StandardErrorSwap(int fd) : saved_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
        ::dup2(fd, STDERR_FILENO);
    }
    ~StandardErrorSwap() { ::dup2(saved_.value(), STDERR_FILENO); }

  private:
    UniqueFd saved_;
};

TEST(LogSink, AppendsToAFileThatOthersCannotRead) {
    const TempFolder folder;
    const std::string path = folder / "a.log";
    const mode_t umask_before = ::umask(0);
    LogSink first = LogSink::open(path);
    ::umask(umask_before);
    LogSink second = LogSink::open(path);
    EXPECT_EQ(first.write("one\n").error, 0);
    EXPECT_EQ(second.write("two\n").written_bytes, 4u);
    EXPECT_EQ(first.write("three\n").error, 0);
    EXPECT_EQ(read_file(path), "one\ntwo\nthree\n");
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST(LogSink, SaysWhichFileCannotBeOpened) {
    const TempFolder folder;
    const std::string path = folder / "missing/a.log";
    try {
        LogSink::open(path);
        FAIL() << "opened a file in a folder that does not exist";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), ENOENT);
        EXPECT_NE(std::string(error.what()).find(path), std::string::npos);
    }
}

TEST(LogSink, ReportsAFullDevice) {
    LogSink sink = LogSink::open("/dev/full");
    const LogSink::Outcome outcome = sink.write("line\n");
    EXPECT_EQ(outcome.error, ENOSPC);
    EXPECT_EQ(outcome.written_bytes, 0u);
}

TEST(LogSink, GivesUpOnAPipeThatNobodyReads) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    LogSink sink = LogSink::open(folder / "pipe");
    const LogSink::Outcome outcome = sink.write(std::string(10'000, 'x'));
    EXPECT_EQ(outcome.error, EAGAIN);
    EXPECT_EQ(outcome.written_bytes, PipeReader::capacity_bytes);
    EXPECT_EQ(reader.read_some().size(), PipeReader::capacity_bytes);
    EXPECT_EQ(sink.write("again\n").error, 0);
}

TEST(LogSink, StandardErrorAsAPipeIsNotMadeNonBlockingForOthers) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    const UniqueFd inherited(::open((folder / "pipe").c_str(), O_WRONLY | O_CLOEXEC));
    const StandardErrorSwap swap(inherited.value());
    LogSink sink = LogSink::open("");
    EXPECT_EQ(sink.write(std::string(10'000, 'x')).error, EAGAIN);
    EXPECT_EQ(::fcntl(inherited.value(), F_GETFL) & O_NONBLOCK, 0);
}

TEST(LogSink, StandardErrorAsAFileSharesItsOffset) {
    const TempFolder folder;
    const std::string path = folder / "err";
    const UniqueFd inherited(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    const StandardErrorSwap swap(inherited.value());
    ASSERT_EQ(::write(STDERR_FILENO, "before\n", 7), 7);
    LogSink sink = LogSink::open("");
    EXPECT_EQ(sink.write("log\n").error, 0);
    ASSERT_EQ(::write(STDERR_FILENO, "after\n", 6), 6);
    EXPECT_EQ(read_file(path), "before\nlog\nafter\n");
}

TEST(LogSink, StandardErrorAsASocketNeitherWaitsNorRaisesSigpipe) {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    const UniqueFd ours(pair[0]);
    UniqueFd theirs(pair[1]);
    const StandardErrorSwap swap(ours.value());
    LogSink sink = LogSink::open("");
    EXPECT_EQ(sink.write(std::string(8'000'000, 'x')).error, EAGAIN);
    theirs.reset();
    EXPECT_EQ(sink.write("line\n").error, EPIPE);
}

}  // namespace
}  // namespace lodestone
