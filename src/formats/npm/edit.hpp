// Changes to what is published, as the address to which clients publish takes them, too.
#pragma once

#include "base/context.hpp"
#include "base/task.hpp"
#include "formats/npm/place.hpp"
#include "formats/npm/publish_document.hpp"

namespace lodestone::formats::npm {

// `npm deprecate`: marks as the document has them. The revision counts where the client sent one.
Task<http::Response> deprecate_versions(Context& context, const http::Request& request, const Place& place,
                                        const PackageDocument& document);

}  // namespace lodestone::formats::npm
