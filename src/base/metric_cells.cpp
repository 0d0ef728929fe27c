// The rows are reserved once and for all: 16 MiB of addresses, of which the kernel backs the pages in use.
#include "base/metric_cells.hpp"

#include <sys/mman.h>

#include <map>
#include <mutex>
#include <vector>

#include "base/ensure.hpp"

namespace lodestone {
namespace {

constexpr std::size_t cells_of_a_row = std::size_t{256} * 1024;  // a server has about ten thousand

class Rows {
  public:
    Rows() {
        void* const memory =
            ::mmap(nullptr, MetricCells::row_count * cells_of_a_row * sizeof(std::uint64_t),
                   PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        ensure(memory != MAP_FAILED, "there are addresses for metrics");
        cells_ = static_cast<std::uint64_t*>(memory);
    }

    std::uint64_t* row(std::size_t number) {
        return cells_ + number % MetricCells::row_count * cells_of_a_row;
    }

    std::size_t take(std::size_t count) {
        const std::lock_guard lock(mutex_);
        if (std::vector<std::size_t>& free = free_[count]; !free.empty()) {
            const std::size_t first = free.back();
            free.pop_back();
            return first;
        }
        ensure(count <= cells_of_a_row - used_, "metrics come from tables, which are finite");
        const std::size_t first = used_;
        used_ += count;
        return first;
    }

    void give_back(std::size_t first, std::size_t count) {
        const std::lock_guard lock(mutex_);
        for (std::size_t number = 0; number < MetricCells::row_count; ++number) {
            for (std::size_t cell = first; cell < first + count; ++cell) {
                // Only what was counted in: writing zeros would make a page of it.
                const std::atomic_ref value(row(number)[cell]);
                if (value.load(std::memory_order_relaxed) != 0) value.store(0, std::memory_order_relaxed);
            }
        }
        free_[count].push_back(first);
    }

  private:
    std::uint64_t* cells_;
    std::mutex mutex_;
    std::size_t used_ = 0;
    std::map<std::size_t, std::vector<std::size_t>> free_;  // by how many
};

// Never destroyed: threads may count until the program is gone.
Rows& rows() {
    static Rows& all = *new Rows;
    return all;
}

}  // namespace

MetricCells::MetricCells(std::size_t count) : first_(rows().take(count)), count_(count) {}

MetricCells::~MetricCells() {
    rows().give_back(first_, count_);
}

std::uint64_t* MetricCells::take_row() {
    static std::atomic<std::size_t> next{0};
    return rows().row(next.fetch_add(1, std::memory_order_relaxed));
}

std::uint64_t MetricCells::sum(std::size_t cell) const {
    std::uint64_t total = 0;
    for (std::size_t number = 0; number < row_count; ++number)
        total += std::atomic_ref(rows().row(number)[first_ + cell]).load(std::memory_order_relaxed);
    return total;
}

}  // namespace lodestone
