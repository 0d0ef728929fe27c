// What publishing and staging have in common: a document with a tarball, received, checked and described.
#pragma once

#include <memory>
#include <optional>

#include "base/context.hpp"
#include "base/task.hpp"
#include "blobs/store/digests.hpp"
#include "formats/npm/place.hpp"
#include "formats/npm/publish_document.hpp"
#include "formats/npm/version_manifest.hpp"
#include "http/server/request.hpp"
#include "packages/archive/spool.hpp"
#include "packages/fetch.hpp"
#include "packages/incoming.hpp"
#include "packages/publish.hpp"

namespace lodestone::formats::npm {

// As it came; whoever sent it was asked about once more since.
struct Received {
    PackageDocument document;
    packages::Spool spool;
    bool has_tarball = false;
};
Task<Received> receive_document(Context& context, http::Request& request, const Place& place);

// What a thread looks at for as long as it takes, whatever becomes of the request.
struct Arrived {
    PublishedVersion published;
    packages::Spool spool;
    blobs::Digests digests;
};

// Ready for the transaction that enters the tarball.
struct Prepared {
    std::shared_ptr<Arrived> arrived;
    packages::IncomingFile incoming;
    std::optional<packages::FoundFile> damaged;  // that is there, and may be sent again
    packages::Publication wanted;                // but for the tarball's number
    TarballFacts facts;
};
// Refuses where document, address and tarball do not agree, and what cannot be published anyway.
Task<Prepared> prepare_publication(Context& context, http::Request& request, const Place& place,
                                   Received received);

// In the transaction of the tarball, whose number it gets; false: that only had been damaged, and is well
// again.
bool is_still_to_publish(db::Tx& tx, Prepared& prepared, blobs::BlobId tarball);

// Who may publish a version may also say under which tags: installers find it by them alone. What is replaced
// where the repository lets things be overwritten asks for the right to that.
std::function<void(std::string_view permission)> ask_for_replacing(const Context& context,
                                                                   const http::Request& request,
                                                                   const Place& place);

}  // namespace lodestone::formats::npm
