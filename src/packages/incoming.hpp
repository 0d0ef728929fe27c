// What a format asks when somebody begins to send a file, and once it has come: the same for all of them.
// Bodies take as long as they take, so nothing that was found before one is believed after it: what counts is
// what publish() finds.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/context.hpp"
#include "base/task.hpp"
#include "db/unit.hpp"
#include "http/server/request.hpp"
#include "packages/directory.hpp"
#include "packages/fetch.hpp"
#include "packages/tombstone.hpp"

namespace lodestone::packages {

// A file that somebody is about to send.
struct IncomingFile {
    TenantId tenant;
    std::shared_ptr<const RepositoryEntry> repository;
    FileKey key;                   // under which it will be published
    std::optional<Sha256> sha256;  // as it was announced
};

// Before gigabytes are sent in vain: refuses what is there already and stays, what a tombstone forbids, and
// what neither the quotas nor the disk have room for, as far as the request says how much comes. Answers the
// file that is there all the same, because its bytes are quarantined: the same ones may be sent again.
Task<std::optional<FoundFile>> check_incoming(Context& context, const http::Request& request,
                                              const IncomingFile& file);
// Of what has come then: refuses other bytes than those of the file that is there, as if it were well.
void check_same_bytes(const IncomingFile& file, const std::optional<FoundFile>& damaged,
                      const Sha256& sha256);
// In the transaction that enters them: whether the file is there still and has got its bytes back by that, so
// that there is nothing to publish.
bool is_brought_back(db::Tx& tx, const IncomingFile& file, const std::optional<FoundFile>& damaged,
                     blobs::BlobId entered);

// The last part of check_incoming(), for bodies that are no whole file, and replace nothing. Small ones are
// let through until limits::unasked_body_bytes of them have come to the repository since it was asked about:
// so nobody fills it with them either.
Task<> check_room(Context& context, const http::Request& request, const TenantId& tenant,
                  const RepositoryEntry& repository);

// After a body, or a part of it: what is left to do has the time of a request of its own, and whoever sent it
// is asked about once more.
Task<> begin_anew(Context& context, http::Request& request);
// For what is written then. The store may take as long as it needs to make gigabytes durable, and they are
// not thrown away because it has: so this has no part of the request's deadline.
db::Unit unit_behind_body(const http::Request& request);

// For Publication::check_may: whether whoever sent the request may do this, too, where the request is about.
std::function<void(std::string_view permission)> ask_gate(const Context& context,
                                                          const http::Request& request);

// What a client says that it is; what says nothing, or too much, is bytes.
std::string content_type_of(const http::Request& request);

}  // namespace lodestone::packages
