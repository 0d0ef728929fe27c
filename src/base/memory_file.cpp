// Sealed, since what sends it reads its pages long after it was told to.
#include "base/memory_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace lodestone {

std::shared_ptr<const UniqueFd> make_memory_file(std::string_view bytes) {
    UniqueFd file(::memfd_create("lodestone", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file.is_open()) return nullptr;
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.value(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return nullptr;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fcntl(file.value(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) != 0) return nullptr;
    return std::make_shared<const UniqueFd>(std::move(file));
}

}  // namespace lodestone
