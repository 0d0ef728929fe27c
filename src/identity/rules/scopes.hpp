// Scopes as they are stored, checked and compared. The absence of scopes is no limit; an empty list of them
// is good for nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/rules/resource.hpp"
#include "identity/rules/scope.hpp"

namespace lodestone::identity {

using Scopes = std::optional<std::vector<Scope>>;

// What is wrong with them, as a clause for a refusal: "scopes[0].actions has an entry that is not …". Empty:
// nothing.
std::string find_scope_fault(const Scopes& scopes);

// `fault` is empty when they can be used.
struct ParsedScopes {
    Scopes scopes;
    std::string fault;
};
// "null", or a list of objects with "actions" and, where they limit, "resources" and "tags"; nothing else in
// them.
ParsedScopes parse_scopes(std::string_view json);
std::string render_scopes(const Scopes& scopes);

// These take scopes without fault.
bool is_in_scope(std::string_view permission, const Resource& resource, const Scope& scope);
bool is_in_scopes(std::string_view permission, const Resource& resource, const Scopes& scopes);
// Whether they could be good for something in the repository that `all` stands for all packages of.
bool may_reach_into(std::string_view permission, const Resource& all, const Scopes& scopes);
// Whether a key with `narrow` can do nothing that one with `wide` cannot: with a key, nobody makes a better
// one.
bool are_scopes_within(const Scopes& narrow, const Scopes& wide);

}  // namespace lodestone::identity
