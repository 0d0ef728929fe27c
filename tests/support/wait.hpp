// Waiting for what no event tells of: asked every millisecond, with an end.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>

namespace lodestone::test {

template <class Condition>
bool wait_until(Condition is_reached, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!is_reached()) {
        if (std::chrono::steady_clock::now() > end) return false;
        ::poll(nullptr, 0, 1);  // who is waited for may need this core
    }
    return true;
}

}  // namespace lodestone::test
