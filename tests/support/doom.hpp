// Which step a program dies at: whatever happens passes here by name, in the program itself or in a server
// that it asks, and at the chosen step the program is gone as by kill -9. Shared with what is forked later.
#pragma once

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace lodestone::test {

class Doom {
  public:
    Doom() {
        void* const made =
            ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (made == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
        shared_ = new (made) Shared;
    }
    ~Doom() { ::munmap(shared_, sizeof(Shared)); }
    Doom(const Doom&) = delete;
    Doom& operator=(const Doom&) = delete;

    // Before the program begins: it dies the so-manieth time that this step passes.
    void choose(std::string_view step, int times) {
        shared_->chosen = to_name(step);
        shared_->left = times;
        shared_->victim = 0;
    }
    // Nobody dies, and what passes is noted.
    void choose_nobody() { choose({}, 0); }
    // Each once, in the order of their first times.
    std::vector<std::string> steps() const {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < shared_->count; ++i) names.emplace_back(shared_->names[i].data());
        return names;
    }

    // By the program, when its steps count from now on.
    void begin() { shared_->victim = ::getpid(); }
    void pass(std::string_view step) {
        const pid_t victim = shared_->victim;
        if (victim == 0) return;
        if (shared_->chosen[0] == '\0') return note(to_name(step));
        if (to_name(step) == shared_->chosen && --shared_->left == 0) ::kill(victim, SIGKILL);
    }

  private:
    using Name = std::array<char, 80>;
    static_assert(std::atomic<int>::is_always_lock_free && std::atomic<pid_t>::is_always_lock_free);
    struct Shared {
        std::atomic<pid_t> victim{0};
        std::atomic<int> left{0};
        Name chosen{};
        std::atomic_flag is_noting;  // held by nobody who is killed
        std::atomic<std::size_t> count{0};
        std::array<Name, 500> names{};
    };

    static Name to_name(std::string_view text) {
        Name name{};
        std::ranges::copy(text.substr(0, name.size() - 1), name.begin());
        return name;
    }
    void note(const Name& name) {
        while (shared_->is_noting.test_and_set()) ::sched_yield();
        const auto end = shared_->names.begin() + static_cast<std::ptrdiff_t>(shared_->count.load());
        if (std::find(shared_->names.begin(), end, name) == end && end != shared_->names.end()) {
            *end = name;
            ++shared_->count;
        }
        shared_->is_noting.clear();
    }

    Shared* shared_;
};

}  // namespace lodestone::test
