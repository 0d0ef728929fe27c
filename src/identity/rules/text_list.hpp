// JSON as the rules are stored in: lists of texts, each of which is checked and stands once. What the
// database gives back was checked when it came in, and is checked again, since others can write there.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::identity {

using IsGoodText = bool (*)(std::string_view);

// Nothing when it is no list, has too many entries, or one that `is_good` refuses: then `fault` is a clause
// that says so, with `form` for what it should have been: "has an entry that is not " + form.
std::optional<std::vector<std::string>> parse_text_list(std::string_view json, IsGoodText is_good,
                                                        std::string_view form, std::string& fault);
std::optional<std::vector<std::string>> parse_text_list(const boost::json::value& list, IsGoodText is_good,
                                                        std::string_view form, std::string& fault);

// At most limits::rule_bytes, and not deep.
std::optional<boost::json::value> parse_rule_json(std::string_view json, std::string& fault);

std::string render_text_list(const std::vector<std::string>& list);

}  // namespace lodestone::identity
