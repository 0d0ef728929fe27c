// How bad something is, by its vector. https://www.first.org/cvss/v3.1/specification-document
#pragma once

#include <optional>
#include <string_view>

namespace lodestone::packages {

// The base score of "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", which is 9.8. Nothing for what is no such
// vector, and for other versions, whose scores are made otherwise.
std::optional<double> score_cvss(std::string_view vector);

// "low", "moderate", "high" or "critical"; empty of 0, which is none.
std::string_view rate_cvss(double score);

}  // namespace lodestone::packages
