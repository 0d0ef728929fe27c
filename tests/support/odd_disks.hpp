// Disks that fail, or that the program does not come back from.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "blobs/store/disk.hpp"

namespace lodestone::test {

// Has no files without a name.
class PlainDisk final : public blobs::Disk {
  public:
    int link_file(int file, int folder, const std::string& name) override {
        return name.starts_with("probe-") ? EXDEV : Disk::link_file(file, folder, name);
    }
};

// Notes which stretches of files it was told to begin with.
class NotingDisk final : public blobs::Disk {
  public:
    struct Stretch {
        std::uint64_t offset = 0;
        std::uint64_t size_bytes = 0;
        bool operator==(const Stretch&) const = default;
    };

    void begin_writing(int file, std::uint64_t offset, std::uint64_t size_bytes) override {
        {
            const std::lock_guard lock(mutex_);
            begun_.push_back({.offset = offset, .size_bytes = size_bytes});
        }
        Disk::begin_writing(file, offset, size_bytes);
    }
    // And forgets them.
    std::vector<Stretch> take_begun() {
        const std::lock_guard lock(mutex_);
        return std::exchange(begun_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<Stretch> begun_;
};

// Fails at one kind of call, or several, as long as the test wants it to.
class FailingDisk final : public blobs::Disk {
  public:
    enum class Call { write, sync_file, sync_folder, make_folder, link, remove };

    void fail(Call call, int error) {
        heal();
        fail_also(call, error);
    }
    void fail_also(Call call, int error) {
        error_ = error;
        failing_ |= bit(call);
    }
    void heal() { failing_ = 0; }

    int write_at(int file, std::string_view bytes, std::uint64_t offset) override {
        // As much as there is room for.
        if (is_failing(Call::write))
            return Disk::write_at(file, bytes.substr(0, bytes.size() / 2), offset), error_.load();
        return Disk::write_at(file, bytes, offset);
    }
    int sync_file(int file) override {
        return is_failing(Call::sync_file) ? error_.load() : Disk::sync_file(file);
    }
    int sync_folder(int folder) override {
        return is_failing(Call::sync_folder) ? error_.load() : Disk::sync_folder(folder);
    }
    int make_folder(int parent, const std::string& name) override {
        return is_failing(Call::make_folder) ? error_.load() : Disk::make_folder(parent, name);
    }
    int link_file(int file, int folder, const std::string& name) override {
        return is_failing(Call::link) ? error_.load() : Disk::link_file(file, folder, name);
    }
    int remove_file(int folder, const std::string& name) override {
        return is_failing(Call::remove) ? error_.load() : Disk::remove_file(folder, name);
    }
    int find_room(int /*folder*/, std::uint64_t& bytes) override {
        bytes = room_bytes_;
        return 0;
    }
    void leave_room(std::uint64_t bytes) { room_bytes_ = bytes; }

  private:
    static unsigned bit(Call call) { return 1u << static_cast<unsigned>(call); }
    bool is_failing(Call call) const { return (failing_ & bit(call)) != 0; }

    std::atomic<unsigned> failing_{0};
    std::atomic<int> error_{0};
    std::atomic<std::uint64_t> room_bytes_{1ull << 40};
};

// Kills the process at the given call, counted over all kinds, before or after it was made.
class DeadlyDisk final : public blobs::Disk {
  public:
    // The first step is 0: before the first call; 1: after it; 2: before the second …
    explicit DeadlyDisk(int step) : left_(step) {}
    int steps() const { return steps_; }

    int write_at(int file, std::string_view bytes, std::uint64_t offset) override {
        return live_through([&] { return Disk::write_at(file, bytes, offset); });
    }
    int sync_file(int file) override {
        return live_through([&] { return Disk::sync_file(file); });
    }
    int sync_folder(int folder) override {
        return live_through([&] { return Disk::sync_folder(folder); });
    }
    int make_folder(int parent, const std::string& name) override {
        return live_through([&] { return Disk::make_folder(parent, name); });
    }
    int link_file(int file, int folder, const std::string& name) override {
        return live_through([&] { return Disk::link_file(file, folder, name); });
    }
    int remove_file(int folder, const std::string& name) override {
        return live_through([&] { return Disk::remove_file(folder, name); });
    }

  private:
    void pass() {
        ++steps_;
        if (left_-- == 0) ::kill(::getpid(), SIGKILL);
    }
    template <class Call>
    int live_through(Call call) {
        pass();
        const int result = call();
        pass();
        return result;
    }

    std::atomic<int> left_;
    std::atomic<int> steps_{0};
};

}  // namespace lodestone::test
