// A browser's way to a provider and back, as requests and answers of ours: the same for every place where
// somebody may begin it. The API does; the page of a login does (identity/web_logins.hpp).
//
// A page that begins one has a route behind its own path, at way_back, which calls the last two of these.
// What comes back is sent on there from the return address, since that is the API's, and providers know no
// other.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"
#include "identity/rules/ids.hpp"
#include "identity/sign_in/sign_in.hpp"

namespace lodestone::identity {

struct Journey {
    TenantId tenant;
    ProviderId provider;
    std::string goes_on_at{};  // the path of a page of ours; empty at the API
};

// Between a page's path and the provider's id: the address of the page's route for who comes back.
inline constexpr std::string_view way_back = "/return/";

// Sends the browser to the provider, with a cookie by which it is known again: chance and nothing else.
// Throws what ProviderSignIn::begin() does, and Problem(too_many_requests) to an address that leaves too
// often.
Task<http::Response> leave_for_provider(Context& context, const http::Request& request, Journey journey);

// At the return address: where the browser is to go on. Nothing: it has arrived.
Task<std::optional<http::Response>> find_way_on(Context& context, const http::Request& request,
                                                Journey journey);

// Who is back. Refuses, as ProviderSignIn::finish() does, what was not begun by just this journey.
Task<SignInOutcome> return_from_provider(Context& context, const http::Request& request, Journey journey);
// In the answer to who is back: the cookie has done what it was for.
void take_cookie_back(const Context& context, const http::Request& request, http::Response& response);

}  // namespace lodestone::identity
