// Pieces of a body go through the scanner until it has found something.
#include "formats/npm/tarball_source.hpp"

#include "base/npm_limits.hpp"

namespace lodestone::formats::npm {

TarballSource::~TarballSource() {
    if (holds_) body_.hold(0);
}

Task<std::string_view> TarballSource::next() {
    decoded_.clear();
    while (decoded_.empty()) {
        if (document().size() > limits::npm_unheld_bytes) {
            body_.hold(document().size());
            holds_ = true;
        }
        const std::string_view piece = co_await body_.next();
        if (piece.empty()) break;
        scanner_.take(piece);
    }
    co_return decoded_;
}

TarballLength TarballLength::least(const http::BodySource& body) {
    const std::uint64_t all = body.length().value_or(0);
    return TarballLength(all > limits::npm_document_bytes ? (all - limits::npm_document_bytes) / 4 * 3 : 1);
}

}  // namespace lodestone::formats::npm
