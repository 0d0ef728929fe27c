// Rendered indexes: what clients read far more often than anybody publishes, such as the list of a package's
// versions. One is rendered from rows when it is asked for the first time after a change, compressed, and
// kept in memory; until the next change a GET of it is a look-up there and one write. A format says how its
// indexes are rendered, and nothing else. docs/adr/0023-rendered-indexes.md says why.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/context.hpp"
#include "base/task.hpp"
#include "db/tx.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"
#include "packages/directory.hpp"

namespace lodestone::packages {

// What an index is rendered of.
struct IndexSubject {
    TenantId tenant;
    std::shared_ptr<const RepositoryEntry> repository;
    // Empty: of the repository as a whole, so that every package that comes or goes changes it.
    std::string package_key;
    std::string base;  // what absolute addresses in it begin with (base_address()); empty: it has none

    RepositoryPlace place() const { return {tenant, repository->id}; }
};

// Lives as long as the program.
struct IndexKind {
    std::string_view name;  // within its format: "packument"
    std::string_view content_type;
    // Nothing: there is no such package. In one transaction, on a thread of the database's; what it answers
    // depends on rows and the subject alone.
    std::optional<std::string> (*render)(db::Tx& tx, const IndexSubject& subject) = nullptr;
};

struct IndexRequest {
    const IndexKind& kind;
    std::string package_key;
    std::string base;
    std::string_view vary;  // further headers by which it was chosen: "Accept"
};
// Of the repository that the request is about. Nothing: there is no such package. Otherwise with its entity
// tag, in the best coding that the client takes; conditions and HEAD are the sender's.
Task<std::optional<http::Response>> answer_with_index(Context& context, const http::Request& request,
                                                      IndexRequest wanted);

}  // namespace lodestone::packages
