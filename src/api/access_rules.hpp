// How the API's tables say whose a thing is, in the words of http::Access.
#pragma once

#include "http/server/access.hpp"
#include "http/server/app_named_later.hpp"

namespace lodestone::api {

using http::Access;

// On everything of its type in the path's {tenant}: for lists and for making one.
constexpr Access in_tenant(std::string_view permission) {
    return Access::needs(permission);
}
// The same, of the app that the body names: the handler asks again with that.
constexpr Access in_app_of_body(std::string_view permission) {
    return Access::needs(permission, {.app = http::in_body});
}
// The same, of the app that the list is asked about by `app_id`; without it, of all.
constexpr Access in_app_of_query(std::string_view permission) {
    return Access::needs(permission, {.app = http::in_query});
}
// On the thing that the parameter names.
constexpr Access on(std::string_view permission, std::string_view parameter) {
    return Access::needs(permission, {.id = parameter});
}
// On what belongs to the path's {app}.
constexpr Access in_app(std::string_view permission, std::string_view parameter = {}) {
    return Access::needs(permission, {.id = parameter, .app = "app"});
}
// On the path's {repository}, or on what stands in it.
constexpr Access of_repository(std::string_view permission, std::string_view parameter = {}) {
    return Access::needs(permission, {.id = parameter, .repository = "repository"});
}
// On what is about the path's {user}, whose own it is.
constexpr Access of_user(std::string_view permission, std::string_view parameter = {}) {
    return Access::needs(permission, {.id = parameter, .owner = "user"});
}
// On whoever asks.
constexpr Access of_oneself(std::string_view permission) {
    return Access::needs(permission, {.tenant = http::caller, .owner = http::caller, .type = "user"});
}
constexpr Access of_installation(std::string_view permission) {
    return Access::needs(permission, {.tenant = http::installation});
}

}  // namespace lodestone::api
