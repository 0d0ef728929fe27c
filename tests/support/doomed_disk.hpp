// A disk of which each call is a step, before it is made and when it is done.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "blobs/store/disk.hpp"
#include "support/doom.hpp"

namespace lodestone::test {

class DoomedDisk final : public blobs::Disk {
  public:
    explicit DoomedDisk(Doom& doom) : doom_(doom) {}

    int write_at(int file, std::string_view bytes, std::uint64_t offset) override {
        return pass("write", [&] { return Disk::write_at(file, bytes, offset); });
    }
    int sync_file(int file) override {
        return pass("sync of a file", [&] { return Disk::sync_file(file); });
    }
    int sync_folder(int folder) override {
        return pass("sync of a folder", [&] { return Disk::sync_folder(folder); });
    }
    int make_folder(int parent, const std::string& name) override {
        return pass("folder", [&] { return Disk::make_folder(parent, name); });
    }
    int link_file(int file, int folder, const std::string& name) override {
        return pass("name", [&] { return Disk::link_file(file, folder, name); });
    }
    int remove_file(int folder, const std::string& name) override {
        return pass("removal", [&] { return Disk::remove_file(folder, name); });
    }

  private:
    template <class Call>
    int pass(const std::string& what, Call call) {
        doom_.pass("disk: " + what);
        const int result = call();
        doom_.pass("disk: " + what + ", done");
        return result;
    }

    Doom& doom_;
};

}  // namespace lodestone::test
