// What somebody wants to do something with, as the rules see it. Made from what a route's pattern matched,
// after the path was decoded once and its names were normalised; never from text that nobody has looked at.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "identity/rules/ids.hpp"

namespace lodestone::identity {

struct Resource {
    TenantId tenant;   // whose it is; empty for what belongs to the installation
    std::string type;  // "user", "repository", "package" …: the part of a permission before the colon
    std::string id;    // empty for all of the type together: lists, and making a new one
    AppId app;         // the app that it belongs to; empty when it belongs to the tenant itself
    std::vector<std::string> tags;
    std::map<std::string, std::string> attributes;  // for conditions of policies
    bool is_public = false;                         // its repository says that anonymous reading is allowed

    // "type:id", or "type:*" without an id: what patterns are compared with.
    std::string text() const { return type + ":" + (id.empty() ? "*" : id); }
};

}  // namespace lodestone::identity
