// Hashing first, while the bytes are still in the processor's cache from the copy that brought them.
#include "base/hashed_file.hpp"

#include <cerrno>
#include <system_error>

#include "base/problem.hpp"

namespace lodestone {

void HashedFile::take(std::string_view piece) {
    digest_.add(piece);
    while (!piece.empty()) {
        const ssize_t written =
            ::pwrite(file_.value(), piece.data(), piece.size(), static_cast<off_t>(size_bytes_));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
            throw Problem(problems::storage_full,
                          "There is no room for the file: make some and send it again.");
        if (written < 0) throw std::system_error(errno, std::generic_category(), "writing the file");
        piece.remove_prefix(static_cast<std::size_t>(written));
        size_bytes_ += static_cast<std::uint64_t>(written);
    }
}

}  // namespace lodestone
