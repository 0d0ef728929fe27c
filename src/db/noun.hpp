// What every noun of the product shares: the members that each has besides its own, who fills them, and the
// checks that each makes. identity/nouns/tenant is the pair to copy; docs/dev/data.md goes through it.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace lodestone::db {

class Tx;

using Version = std::int64_t;

struct Noun {
    Version version = 0;  // 1 when new, one more with each change
    Time created_at{};
    std::string created_by;
    Time updated_at{};
    std::string updated_by;
    std::optional<Time> deleted_at;  // soft: it can be restored until it is purged
    std::optional<std::string> deleted_by;

    bool operator==(const Noun&) const = default;
};
BOOST_DESCRIBE_STRUCT(Noun, (),
                      (version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by))

// Before an INSERT: who makes it and when, from the unit of work.
void stamp_new(const Tx& tx, Noun& noun);
// Before an UPDATE: `noun`, made from what its caller saw, becomes the version after `before`.
void stamp_changed(const Tx& tx, Noun& noun, const Noun& before);
void stamp_deleted(const Tx& tx, Noun& noun);
void stamp_restored(const Tx& tx, Noun& noun);

// Refusals in the client's words; `kind` is what the client calls it: "tenant".
[[noreturn]] void refuse_absent(std::string_view kind, std::string_view id);
[[noreturn]] void refuse_outdated(std::string_view kind, std::string_view id);
// "There is a tenant named Acme already; choose another name."
[[noreturn]] void refuse_taken_name(std::string_view kind, std::string_view name);
// Of restoring: "There is another tenant named Acme by now; rename or delete that one first."
[[noreturn]] void refuse_taken_meanwhile(std::string_view kind, std::string_view name);
[[noreturn]] void refuse_taken_id(std::string_view kind, std::string_view id);

// The stored thing, if it is there and still has the version that the caller saw.
template <class T>
T expect_version(std::optional<T> found, const T& seen, std::string_view kind) {
    if (!found) refuse_absent(kind, seen.id.text());
    if (found->version != seen.version) refuse_outdated(kind, seen.id.text());
    return *std::move(found);
}

// Refuses a name that is empty, too long, or would look like another: with spaces around it, or with
// characters that cannot be seen.
// `field` is where it stands, when that is not called name.
void check_name(std::string_view kind, std::string_view name, std::string_view field = "name");
// Refuses what is not the text of a JSON object, or too long.
void check_metadata(std::string_view metadata);

}  // namespace lodestone::db
