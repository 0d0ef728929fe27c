// Waiting for what no event tells of: asked again and again, with an end.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>

#include <chrono>

namespace lodestone::test {

template <class Condition>
bool wait_until(Condition is_reached, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!is_reached()) {
        if (std::chrono::steady_clock::now() > end) return false;
        ::sched_yield();
    }
    return true;
}

}  // namespace lodestone::test
