// Every piece of an archive is read, so reading is where it ends.
#include "packages/archive/inspection.hpp"

#include "base/problem.hpp"

namespace lodestone::packages {

Inspection::Inspection(const Context& context, const http::Request& request, blobs::Scratch& scratch)
    : scratch_(scratch),
      clock_(context.clock),
      deadline_(request.deadline),
      tenant_(request.parameter("tenant")) {}

void Inspection::check() const {
    if (scratch_.is_stopping())
        throw Problem(problems::unavailable, "The server is stopping; try again in a moment.");
    if (clock_.steady_now() >= deadline_)
        throw Problem(problems::unavailable,
                      "Looking into the archive took too long; send it again in a moment.");
}

ReadAt Inspection::limit(ReadAt read_at) const {
    return [self = *this, read_at = std::move(read_at)](std::uint64_t offset, std::span<std::byte> into) {
        self.check();
        return read_at(offset, into);
    };
}

}  // namespace lodestone::packages
