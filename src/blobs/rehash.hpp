// Hashing again what is stored, a piece at a time and in its own time: on a thread that gives way to all
// others, and without filling the kernel's memory with what nobody asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/digest.hpp"
#include "base/task.hpp"
#include "blobs/store/sync_threads.hpp"
#include "http/server/response.hpp"

namespace lodestone::blobs {

struct Rehashed {
    Sha256 sha256{};
    std::uint64_t size_bytes = 0;
    std::string fault{};    // why a file could not be read to its end: the disk's word
    bool is_ended = false;  // it was told to stop
};

class Rehasher {
  public:
    // Asked before each piece, with the size of the one before, or of the only one where all of it is in
    // memory; waits as long as it likes. False: stop.
    using Pace = std::function<Task<bool>(std::uint64_t size_bytes)>;

    Task<Rehashed> hash(http::ResponseBody body, Pace pace);
    // The thread ends after its piece.
    void stop() { thread_.stop(); }

  private:
    Task<Rehashed> hash_file(const http::FileSlice& file, const Pace& pace);
    Task<Rehashed> hash_source(http::BodySource& source, const Pace& pace);
    Task<Rehashed> hash_text(std::string_view text, const Pace& pace);

    SyncThreads thread_{1};
};

}  // namespace lodestone::blobs
