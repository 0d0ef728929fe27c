// What a client says about the version that it has seen: If-Match, compared inside the transaction that
// changes the thing. A thing's ETag is its version.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/noun.hpp"
#include "http/server/request.hpp"

namespace lodestone::api {

std::string render_version_etag(db::Version version);

class Expectation {
  public:
    // Throws Problem(malformed_request) for what is no If-Match.
    explicit Expectation(const http::Request& request);

    // Without If-Match: a change could undo somebody else's, unseen. `If-Match: *` says that this is meant.
    void require(std::string_view what) const;
    // Throws Problem(precondition_failed) when the thing is none that the client has seen.
    void check(db::Version version, std::string_view kind, std::string_view id) const;

    template <class Noun>
    Noun expect(std::optional<Noun> found, std::string_view kind, std::string_view id) const {
        if (!found) db::refuse_absent(kind, id);
        check(found->version, kind, id);
        return *std::move(found);
    }

  private:
    bool is_given_ = false;
    bool takes_any_ = false;
    std::vector<db::Version> versions_;
};

}  // namespace lodestone::api
