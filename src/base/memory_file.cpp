// Sealed, since what sends it reads its pages long after it was told to.
#include "base/memory_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "base/limits.hpp"

namespace lodestone {

namespace {

// Those for whom it matters most find one of the last.
constexpr std::size_t large_bytes = 256 * limits::kib;

std::atomic<std::size_t> allowed{limits::memory_files};
std::atomic<std::size_t> open_now{0};

// One of those that are allowed, from before it is opened until after it is closed.
class Place {
  public:
    explicit Place(std::size_t size_bytes)
        : is_ours_(open_now.fetch_add(1) <
                   (size_bytes < large_bytes ? allowed - allowed / 4 : allowed.load())) {}
    Place(Place&& other) noexcept
        : is_counted_(std::exchange(other.is_counted_, false)), is_ours_(other.is_ours_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
        if (is_counted_) open_now.fetch_sub(1);
    }
    bool is_ours() const { return is_ours_; }

  private:
    bool is_counted_ = true;
    bool is_ours_;
};

struct PlacedFile {
    Place place;
    UniqueFd file;
};

}  // namespace

std::shared_ptr<const UniqueFd> make_memory_file(std::string_view bytes) {
    Place place(bytes.size());
    if (!place.is_ours()) return nullptr;
    UniqueFd file(::memfd_create("lodestone", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file.is_open()) return nullptr;
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.value(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return nullptr;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fcntl(file.value(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) != 0) return nullptr;
    auto placed = std::make_shared<const PlacedFile>(std::move(place), std::move(file));
    return {placed, &placed->file};
}

void limit_memory_files(std::size_t most) {
    allowed.store(most);
}

}  // namespace lodestone
