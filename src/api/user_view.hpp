// A user as answers show one: to administrators, to the user, and where a user was just made.
#pragma once

#include <boost/describe/class.hpp>

#include "api/noun_calls.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::api {

struct UserView : Stamped {
    identity::UserId id;
    std::string username;
    std::optional<std::string> email;
    std::string full_name;
    identity::UserStatus status{};
    std::optional<Time> email_verified_at;
    std::optional<std::string> phone_number;
    std::optional<Time> phone_verified_at;
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(UserView, (Stamped),
                      (id, username, email, full_name, status, email_verified_at, phone_number,
                       phone_verified_at, metadata))

}  // namespace lodestone::api
