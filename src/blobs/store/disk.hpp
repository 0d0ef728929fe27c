// What the store asks of the disk for good, one call each: where a test puts a disk that fails, or an end
// that comes in between. All answer 0 or an errno.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lodestone::blobs {

class Disk {
  public:
    virtual ~Disk() = default;
    virtual int write_at(int file, std::string_view bytes, std::uint64_t offset);
    // That it need not wait for sync_file() with these bytes. What cannot be begun, or fails later,
    // sync_file() does, and tells of.
    virtual void begin_writing(int file, std::uint64_t offset, std::uint64_t size_bytes);
    // The content, and what it takes to find it.
    virtual int sync_file(int file);
    // The names in it.
    virtual int sync_folder(int folder);
    virtual int make_folder(int parent, const std::string& name);
    // A further name for an open file, which may have none yet.
    virtual int link_file(int file, int folder, const std::string& name);
    virtual int remove_file(int folder, const std::string& name);
    // How many bytes whoever runs the program may still write where the folder is.
    virtual int find_room(int folder, std::uint64_t& bytes);
};

// "Input/output error"
std::string describe_error(int error);

}  // namespace lodestone::blobs
