// What clients show to people beside what they have asked for (the header npm-notice). None of it is asked
// for where documents are read.
#pragma once

#include "base/context.hpp"
#include "base/task.hpp"
#include "formats/npm/place.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::formats::npm {

// One header, with a sentence behind the other.
void add_notice(http::Response& response, std::string_view sentence);

// That the key that was shown is about to end.
void notice_end_of_key(const Context& context, const http::Request& request, http::Response& response);
// That the repository is nearly as full as it may be; asked for only where somebody has said how full.
Task<> notice_lack_of_room(Context& context, const http::Request& request, const Place& place,
                           http::Response& response);
// That the password need not be typed at the terminal, to clients that know another way.
void notice_web_login(const http::Request& request, http::Response& response);
// That what was taken back is not lost yet.
void notice_return(http::Response& response);
// That a tag now leads to a version that installers warn of.
void notice_deprecated(const packages::Version& version, std::string_view tag, http::Response& response);

}  // namespace lodestone::formats::npm
