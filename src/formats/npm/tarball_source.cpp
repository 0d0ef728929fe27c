// Pieces of a body go through the scanner until it has found something.
#include "formats/npm/tarball_source.hpp"

namespace lodestone::formats::npm {

Task<std::string_view> TarballSource::next() {
    decoded_.clear();
    while (decoded_.empty()) {
        const std::string_view piece = co_await body_.next();
        if (piece.empty()) break;
        scanner_.take(piece);
    }
    co_return decoded_;
}

}  // namespace lodestone::formats::npm
