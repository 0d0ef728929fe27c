// Trusted publishing below a repository's mount: a pipeline may publish for several apps, and the repository
// that it asks says for which one it wants a key.
#pragma once

#include <optional>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::packages {

// For identity::TokenExchange::app, of a route with {tenant} and {repository} that is open. Nothing for a
// repository that belongs to no app. Of a repository that is not there an app that nobody has: so whoever
// asks is refused as for one where he is not trusted, and learns nothing.
Task<std::optional<identity::AppId>> find_app_of_pipeline(const Context& context,
                                                          const http::Request& request);

}  // namespace lodestone::packages
