// Who may use a route: the third column of every route table, read by the gate before any handler runs. It
// says which permission is needed on which thing, and how that thing is named by the path; it decides nothing
// itself.
//
//     {Method::get, "/api/v1/tenants/{tenant}/users/{user}",
//      Access::needs("user:read", {.id = "user", .owner = "user"}), show_user},
//     {Method::get, "/generic/{tenant}/{repository}/{name}/{version}/{file}",
//      Access::needs("package:download", {.id = "name", .repository = "repository", .format = "generic"}),
//      fetch_file},
#pragma once

#include <cstdint>
#include <string_view>

namespace lodestone::http {

// In place of a parameter's name: whoever asks, or the tenant of whoever asks.
inline constexpr std::string_view caller = "(caller)";
// In place of the tenant's parameter: what belongs to the installation as a whole.
inline constexpr std::string_view installation = "(installation)";

// What the permission is needed on. Names are those of parameters in the route's pattern, without the braces.
struct Target {
    std::string_view id = {};            // which one; without: all of its type, for lists and new ones
    std::string_view app = {};           // the app that it belongs to; without: none, or none known
    std::string_view tenant = "tenant";  // whose it is; or `caller`, or `installation`
    std::string_view owner = {};         // the user whose own it is; or `caller`
    std::string_view type = {};          // unless it is what the permission has before its colon
    // The repository that it is, or stands in: which app it belongs to and whether it is public, that says.
    std::string_view repository = {};
    std::string_view format = {};  // no parameter: what the repository has to be of, or it is not there

    friend constexpr bool operator==(const Target&, const Target&) = default;
};

struct Access {
    enum class Kind : std::uint8_t {
        open,        // anyone who can reach the port
        operators,   // who runs this server: the operator's token, or a connection from this machine if
                     // trusted
        signed_in,   // whoever shows who they are, whatever they may do: only for what tells callers of
                     // themselves
        permission,  // who has the permission on the target
    };
    Kind kind;
    std::string_view permission;  // "user:read", of the catalogue in identity/rules/permissions.hpp
    Target target;

    static const Access open;
    static const Access operators;
    static const Access signed_in;
    static constexpr Access needs(std::string_view permission, const Target& target = {}) {
        return {Kind::permission, permission, target};
    }

    friend constexpr bool operator==(const Access&, const Access&) = default;
};

inline constexpr Access Access::open{Kind::open, {}, {}};
inline constexpr Access Access::operators{Kind::operators, {}, {}};
inline constexpr Access Access::signed_in{Kind::signed_in, {}, {}};

// "open", "operators", "signed in", or the permission.
std::string_view access_name(const Access& access);

}  // namespace lodestone::http
