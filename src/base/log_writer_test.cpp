// The buffer and its thread: who wakes it, what is dropped when, and that no line is ever joined to another.
#include "base/log_writer.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <vector>

#include "support/files.hpp"
#include "support/pipe_reader.hpp"
#include "support/temp_folder.hpp"

namespace lodestone {
namespace {

using test::PipeReader;
using test::read_file;
using test::TempFolder;
using Haste = LogWriter::Haste;

// Long enough that a test which depends on it being over never ends.
constexpr auto forever = std::chrono::hours{1};

std::string render_lost(const LogWriter::Lost& lost) {
    return "lost " + std::to_string(lost.line_count) + " errno " + std::to_string(lost.error) + "\n";
}

// Lines of 100 bytes, newline included, that carry their number.
std::string make_line(std::size_t number) {
    std::string line = std::to_string(number);
    line.resize(99, '.');
    return line + '\n';
}

std::string make_lines(std::size_t first, std::size_t end) {
    std::string lines;
    for (std::size_t i = first; i < end; ++i) lines += make_line(i);
    return lines;
}

TEST(LogWriter, WritesWhatIsBufferedWhenItEnds) {
    const TempFolder folder;
    {
        LogWriter writer(LogSink::open(folder / "a.log"), render_lost, forever);
        writer.append("one\n", Haste::no);
        writer.append("two\n", Haste::no);
    }
    EXPECT_EQ(read_file(folder / "a.log"), "one\ntwo\n");
}

TEST(LogWriter, FlushReturnsWhenTheKernelHasTheLines) {
    const TempFolder folder;
    LogWriter writer(LogSink::open(folder / "a.log"), render_lost, forever);
    writer.flush();
    writer.append("one\n", Haste::no);
    writer.flush();
    EXPECT_EQ(read_file(folder / "a.log"), "one\n");
    writer.flush();
    writer.append("two\n", Haste::no);
    writer.flush();
    EXPECT_EQ(read_file(folder / "a.log"), "one\ntwo\n");
}

TEST(LogWriter, HasteTakesWaitingLinesAlong) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    LogWriter writer(LogSink::open(folder / "pipe"), render_lost, forever);
    writer.append("waits\n", Haste::no);
    writer.append("hurries\n", Haste::yes);
    EXPECT_EQ(reader.read_some(), "waits\nhurries\n");
}

TEST(LogWriter, WritesWithoutHasteAfterAWhile) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    LogWriter writer(LogSink::open(folder / "pipe"), render_lost);
    writer.append("one\n", Haste::no);
    EXPECT_EQ(reader.read_some(), "one\n");
}

TEST(LogWriter, AHalfFullBufferDoesNotWait) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    LogWriter writer(LogSink::open(folder / "pipe"), render_lost, forever);
    const std::string half(limits::log_buffer_bytes / 2, '.');
    writer.append(half + '\n', Haste::no);
    EXPECT_EQ(reader.read_through("\n").size(), half.size() + 1);
}

TEST(LogWriter, CountsWhatAFullDeviceTakesAwayAndGoesOn) {
    const TempFolder folder;
    LogWriter writer(LogSink::open("/dev/full"), render_lost, forever);
    writer.append("one\n", Haste::no);
    writer.append("two\n", Haste::no);
    writer.flush();
    EXPECT_EQ(writer.dropped_count(), 2u);
    writer.append("three\n", Haste::no);
    writer.flush();
    EXPECT_EQ(writer.dropped_count(), 3u);
    writer.replace_sink(LogSink::open(folder / "a.log"));
    writer.append("four\n", Haste::no);
    writer.flush();
    EXPECT_EQ(read_file(folder / "a.log"), "lost 3 errno 28\nfour\n");
    writer.append("five\n", Haste::no);
    writer.flush();
    EXPECT_EQ(read_file(folder / "a.log"), "lost 3 errno 28\nfour\nfive\n");
}

TEST(LogWriter, ReportsTheLossWithoutANewLine) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    LogWriter writer(LogSink::open("/dev/full"), render_lost, forever);
    writer.append("one\n", Haste::yes);
    writer.flush();
    writer.replace_sink(LogSink::open(folder / "pipe"));
    EXPECT_EQ(reader.read_some(), "lost 1 errno 28\n");
}

TEST(LogWriter, FinishesATornLineBeforeAnythingElse) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    std::string all;
    {
        LogWriter writer(LogSink::open(folder / "pipe"), render_lost, forever);
        // 4096 bytes fit: 40 lines and the beginning of the next. The other nine are lost.
        for (std::size_t i = 0; i < 50; ++i) writer.append(make_line(i), Haste::no);
        writer.flush();
        EXPECT_EQ(writer.dropped_count(), 9u);
        writer.append("lost as well\n", Haste::no);
        writer.flush();
        EXPECT_EQ(writer.dropped_count(), 10u);
        all = reader.read_some();
        EXPECT_EQ(all.size(), PipeReader::capacity_bytes);
        writer.append("written again\n", Haste::yes);
        all += reader.read_through("written again\n");
    }
    EXPECT_EQ(all + reader.read_some(), make_lines(0, 41) + "lost 10 errno 11\nwritten again\n");
}

TEST(LogWriter, LeavesTheEndOfATornLineBehindWhenTheFileChanges) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    LogWriter writer(LogSink::open(folder / "pipe"), render_lost, forever);
    for (std::size_t i = 0; i < 50; ++i) writer.append(make_line(i), Haste::no);
    writer.flush();
    writer.replace_sink(LogSink::open(folder / "a.log"));
    writer.append("new\n", Haste::no);
    writer.flush();
    EXPECT_EQ(read_file(folder / "a.log"), "lost 10 errno 11\nnew\n");
}

TEST(LogWriter, SurvivesAReaderThatLeft) {
    const TempFolder folder;
    PipeReader reader(folder / "pipe");
    LogWriter writer(LogSink::open(folder / "pipe"), render_lost, forever);
    reader.close();
    writer.append("one\n", Haste::no);
    writer.flush();
    EXPECT_EQ(writer.dropped_count(), 1u);
}

TEST(LogWriter, DropsWhatDoesNotFitWhileTheWriterIsHeld) {
    const TempFolder folder;
    std::latch held(1);
    std::latch release(1);
    bool is_first = true;
    // The writer is held where it renders the count of the line that /dev/full has cost.
    const auto hold = [&](const LogWriter::Lost& lost) {
        if (std::exchange(is_first, false)) {
            held.count_down();
            release.wait();
        }
        return render_lost(lost);
    };
    const std::size_t fitting = (limits::log_buffer_bytes - limits::log_reserve_bytes) / 100;
    const std::size_t important = limits::log_buffer_bytes / 100 - fitting;
    {
        LogWriter writer(LogSink::open("/dev/full"), hold, forever);
        writer.append("one\n", Haste::no);
        writer.flush();
        writer.replace_sink(LogSink::open(folder / "a.log"));
        writer.append("two\n", Haste::yes);
        held.wait();
        for (std::size_t i = 0; i < fitting + 7; ++i) writer.append(make_line(i), Haste::no);
        EXPECT_EQ(writer.dropped_count(), 1u + 7u);
        for (std::size_t i = 0; i < important + 3; ++i)
            writer.append(make_line(i), Haste::yes, LogWriter::Importance::high);
        EXPECT_EQ(writer.dropped_count(), 1u + 7u + 3u) << "the reserve is theirs";
        release.count_down();
    }
    EXPECT_EQ(read_file(folder / "a.log"),
              "lost 1 errno 28\ntwo\nlost 10 errno 0\n" + make_lines(0, fitting) + make_lines(0, important));
}

TEST(LogWriter, DropsALineThatNeverFits) {
    const TempFolder folder;
    LogWriter writer(LogSink::open(folder / "a.log"), render_lost, forever);
    writer.append(std::string(limits::log_buffer_bytes, 'x') + '\n', Haste::yes);
    EXPECT_EQ(writer.dropped_count(), 1u);
    writer.append("fits\n", Haste::yes);
    writer.flush();
    EXPECT_EQ(read_file(folder / "a.log"), "lost 1 errno 0\nfits\n");
}

}  // namespace
}  // namespace lodestone
