// Refusals in the words of this protocol: a sentence as plain text, which uploaders show, and as the reason
// phrase, where some show nothing else.
#pragma once

#include "base/problem.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::formats::pypi {

// With 400, and text that begins like this, uploaders that are to skip what is there go on.
inline constexpr ProblemKind file_exists{"file-exists", 400, "File already exists"};
inline constexpr ProblemKind not_acceptable{"not-acceptable", 406, "Not acceptable"};

Problem file_exists_already(std::string_view file_name);

// 401 asks for a name and a password: any name will do, and the password is the key.
http::Response render_problem(const Problem& problem, const http::Request& request);

}  // namespace lodestone::formats::pypi
