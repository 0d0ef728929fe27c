// A file as what a client gets: its bytes, and what is said of them in whatever protocol.
#pragma once

#include <memory>
#include <optional>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"
#include "packages/directory.hpp"
#include "packages/fetch.hpp"

namespace lodestone::packages {

// fixed: who asks like this always gets these bytes, where the repository replaces nothing; moving: a tag, or
// the newest, which may be another one tomorrow.
enum class Naming : std::uint8_t { fixed, moving };

struct FileAnswer {
    TenantId tenant;
    std::shared_ptr<const RepositoryEntry> repository;
    Naming naming = Naming::fixed;
    bool is_counted = true;  // these as Fetched says
    bool may_redirect = false;
};

// With the SHA-256 as its entity tag, so that ranges and conditions work; counted as a download as
// send_fetched() does, and refused likewise.
Task<http::Response> answer_with(Context& context, const http::Request& request, const FileAnswer& answer,
                                 const FoundFile& file);

// Likewise, the file of that key: from memory, if it is there (file_memory.hpp). Nothing: there is none.
Task<std::optional<http::Response>> answer_with_file(Context& context, const http::Request& request,
                                                     const FileAnswer& answer, const FileKey& key);

}  // namespace lodestone::packages
