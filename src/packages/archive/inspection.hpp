// Looking into what was spooled: on threads of their own, one archive of a tenant at a time, no longer than
// the request has time, and not any more once the server stops.
//
//     const Inspection inspection(context, request, blobs.scratch());
//     auto look = [inspection, spool] {
//         const ArchiveSource source{.read_at = inspection.limit(…spool->read_at(…)…), …};
//         …
//     };
//     co_await inspection.run(look);
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "blobs/scratch.hpp"
#include "http/server/request.hpp"
#include "packages/archive/archive.hpp"

namespace lodestone::packages {

class Inspection {
  public:
    // Of the tenant in the request's path. Clock and scratch outlive it.
    Inspection(const Context& context, const http::Request& request, blobs::Scratch& scratch);

    template <class Function>
    Task<std::invoke_result_t<Function&>> run(Function function) const {
        return scratch_.inspectors().run(std::move(function), tenant_);
    }
    // The same bytes. Each read throws Problem(unavailable) once the time is over, or the server stops.
    ReadAt limit(ReadAt read_at) const;

  private:
    void check() const;

    blobs::Scratch& scratch_;
    const Clock& clock_;
    SteadyTime deadline_;
    std::string tenant_;
};

}  // namespace lodestone::packages
