// Which of the things that are remembered may still be believed. Changes are numbered; for each of a fixed
// number of groups of things the number of its last one is kept. A change to one thing makes its whole group
// look again, which costs little and keeps no list of things. Safe from every thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lodestone::cache {

template <std::size_t groups>
class GroupChanges {
  public:
    // What is asked for from here on knows of all changes up to this one.
    std::uint64_t last() const { return changes_.load(); }
    // One that concerns no group as a whole; answers its number.
    std::uint64_t count_one() { return changes_.fetch_add(1) + 1; }
    void note(std::size_t group) { raise_to(last_of_group_[group % groups], count_one()); }
    void note_everything() { raise_to(last_of_all_, count_one()); }
    // Whether what was asked for at change `asked` is as new as all that was noted of the group.
    bool is_current(std::uint64_t asked, std::size_t group) const {
        return last_of_all_.load() <= asked && last_of_group_[group % groups].load() <= asked;
    }

  private:
    static void raise_to(std::atomic<std::uint64_t>& number, std::uint64_t least) {
        std::uint64_t seen = number.load();
        while (seen < least && !number.compare_exchange_weak(seen, least)) {
        }
    }

    std::atomic<std::uint64_t> changes_{0};
    std::atomic<std::uint64_t> last_of_all_{0};
    std::array<std::atomic<std::uint64_t>, groups> last_of_group_{};
};

}  // namespace lodestone::cache
