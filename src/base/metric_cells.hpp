// Where the numbers behind metrics stand: in rows, one for the threads of each slot, so that no two cores
// write to one line; a row holds the cells of all metrics side by side. Pages of a row that nobody has
// counted in take no memory, as most do in a server with hundreds of routes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lodestone {

// Some cells that belong together, taken from the program's rows and given back, as zeros, with the object.
class MetricCells {
  public:
    explicit MetricCells(std::size_t count);
    ~MetricCells();
    MetricCells(const MetricCells&) = delete;
    MetricCells& operator=(const MetricCells&) = delete;

    void add(std::size_t cell, std::uint64_t count) {
        std::atomic_ref(thread_row()[first_ + cell]).fetch_add(count, std::memory_order_relaxed);
    }
    // Over all threads. Cells are read one after the other, while others count.
    std::uint64_t sum(std::size_t cell) const;

    // Threads are given rows in turn: more threads than rows share them, which costs speed, never counts.
    static constexpr std::size_t row_count = 8;

  private:
    static std::uint64_t* thread_row() {
        thread_local std::uint64_t* const row = take_row();
        return row;
    }
    static std::uint64_t* take_row();

    std::size_t first_;
    std::size_t count_;
};

}  // namespace lodestone
