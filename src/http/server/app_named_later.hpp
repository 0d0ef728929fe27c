// In place of the parameter that names the app, or what stands in a repository, in an access column
// (access.hpp), where the path does not name it. Apart from that header, which nearly every source includes.
#pragma once

#include <string_view>

namespace lodestone::http {

// The body names it, of which nothing is known yet: whoever has the permission in the tenant or in any app of
// theirs is let in, and the handler asks again with the app that it finds there. In place of the id of what
// stands in a repository: whoever has the permission on anything in it.
inline constexpr std::string_view in_body = "(body)";
// The query has it as `app_id`; without that all apps are meant.
inline constexpr std::string_view in_query = "(query)";

}  // namespace lodestone::http
