// A request target taken apart: the path split at its slashes and then decoded, each segment once; the query
// likewise. What is ambiguous is refused, not normalised: "..", ".", empty segments, NUL and control
// characters, backslashes, bad escapes, bytes that are not UTF-8, each of them also when it comes encoded. An
// encoded slash stays inside its segment and is marked, and only a route whose parameter allows it will
// match; what stands between encoded slashes obeys the same rules as a segment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lodestone::http {

struct PathSegment {
    std::string text;                // decoded
    bool has_encoded_slash = false;  // the text holds a '/' that came as %2F
};

struct Path {
    std::vector<PathSegment> segments;  // "/" has none
    bool has_trailing_slash = false;    // "/a/" has one segment and this
};

// Of the path alone, starting with '/'. Throws Problem(malformed_request or target_too_long).
Path parse_path(std::string_view raw_path);

// "a=1&b=%20" decoded ('+' is a space), in order, repeats kept, nothing between two '&' passed over. Text may
// hold tabs and line ends but no other control character. Throws Problem(malformed_request or
// target_too_long).
class Query {
  public:
    std::optional<std::string_view> find(std::string_view name) const;
    std::vector<std::string_view> find_all(std::string_view name) const;
    const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }
    void append(std::string name, std::string value) {
        parameters_.emplace_back(std::move(name), std::move(value));
    }

  private:
    std::vector<std::pair<std::string, std::string>> parameters_;
};
Query parse_query(std::string_view raw_query);

// Percent-encodes everything but unreserved characters; with `keep_slash`, '/' too stays.
enum class KeepSlash { no, yes };
std::string encode_path_text(std::string_view text, KeepSlash keep_slash = KeepSlash::no);

}  // namespace lodestone::http
