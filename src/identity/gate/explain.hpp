// Asking what would be decided, and why: for people who wonder about a 403, and for programs that show only
// what works.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "http/server/request.hpp"
#include "identity/gate/gate.hpp"

namespace lodestone::identity {

struct AccessQuestion {
    std::string permission;
    Resource resource;           // without a tenant: the asker's own
    std::optional<UserId> user;  // whoever asks, if absent; of the asker's tenant
};

// One answer for each question, in their order. Of a repository that is there, and of packages in it, counts
// what the directory says; what is public in another tenant, nobody can claim. Asking about others needs
// decision:explain; a user who is not there is refused as Problem(not_found), too many questions as
// Problem(invalid_input).
Task<std::vector<Decision>> explain(Gate& gate, const http::Request& request,
                                    std::vector<AccessQuestion> questions);

}  // namespace lodestone::identity
