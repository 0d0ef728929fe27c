// A field that was refused, whoever looked at it: one sentence for people that names it, and where it stands
// in the document for programs. This is the one place that makes the second of the first.
#pragma once

#include <string>
#include <string_view>

#include "base/problem.hpp"

namespace lodestone {

// "scopes[0].actions" as RFC 6901 has it: "/scopes/0/actions".
std::string field_pointer(std::string_view path);

// "The field settings.max_users must be a whole number.", and the same of its pointer. `fault` is the rest of
// the sentence, with its end.
Problem field_problem(std::string_view path, std::string_view fault);
// Of a clause that begins with the field and lacks the end: "subjects[0] is not a text".
Problem field_problem(std::string_view clause);
// A sentence of its own, about the field at `path`.
Problem field_problem_saying(std::string_view path, std::string sentence);

}  // namespace lodestone
