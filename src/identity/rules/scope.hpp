// What a key or token is good for, at most: whoever shows it may do what its person (or app) may do *and* one
// of its scopes names. Without scopes it is good for everything that its person may do.
#pragma once

#include <boost/describe/class.hpp>
#include <string>
#include <vector>

namespace lodestone::identity {

// Actions are permissions, "package:read", "package:*" or "*". Resources are patterns over Resource::text(),
// "repository:acme-npm/*"; none means every resource. Tags are patterns that one of the resource's tags must
// match; none means with any tags or without.
struct Scope {
    std::vector<std::string> actions;
    std::vector<std::string> resources;
    std::vector<std::string> tags;

    bool operator==(const Scope&) const = default;
};
BOOST_DESCRIBE_STRUCT(Scope, (), (actions, resources, tags))

}  // namespace lodestone::identity
