// Colours appear on a terminal and nowhere else.
#include "app/terminal/terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>

#include "base/unique_fd.hpp"

namespace lodestone::app {
namespace {

TEST(Terminal, ColoursNeedATerminalThatWantsThem) {
    int master = -1;
    int slave = -1;
    ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
    const UniqueFd keep_master(master);
    const UniqueFd terminal(slave);
    const UniqueFd file(::open("/dev/null", O_WRONLY | O_CLOEXEC));

    EXPECT_TRUE(has_colours(terminal.value(), {{"TERM", "xterm"}}));
    EXPECT_TRUE(has_colours(terminal.value(), {{"NO_COLOR", ""}}));
    EXPECT_FALSE(has_colours(terminal.value(), {{"NO_COLOR", "1"}}));
    EXPECT_FALSE(has_colours(terminal.value(), {{"TERM", "dumb"}}));
    EXPECT_FALSE(has_colours(file.value(), {{"TERM", "xterm"}}));
}

TEST(Terminal, PaintLeavesTextAloneWithoutColours) {
    EXPECT_EQ(paint(Ink::heading, "Usage", false), "Usage");
    EXPECT_EQ(paint(Ink::heading, "Usage", true), "\x1b[1mUsage\x1b[0m");
    EXPECT_EQ(paint(Ink::heading, "", true), "");
}

TEST(Terminal, AbsentAndEmptyVariablesAreTheSame) {
    const Environment environment{{"A", ""}, {"B", "b"}};
    EXPECT_EQ(find_variable(environment, "A"), "");
    EXPECT_EQ(find_variable(environment, "B"), "b");
    EXPECT_EQ(find_variable(environment, "C"), "");
}

}  // namespace
}  // namespace lodestone::app
