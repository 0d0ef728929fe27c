// Conditional requests, RFC 9110 §13: what If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since
// and If-Range say about a representation with these validators.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/message/headers.hpp"
#include "http/message/method.hpp"

namespace lodestone::http {

struct Validators {
    std::string_view etag;  // quoted; may be empty
    std::optional<Time> last_modified;
    // Where known, an If-Modified-Since that lies in the future is ignored, and an If-Range date counts only
    // if the second it names is over.
    std::optional<Time> now = std::nullopt;
};

enum class Precondition { proceed, not_modified, failed };
// In the order of RFC 9110 §13.2.2. `exists`: whether there is a current representation at all. Lists of tags
// that cannot be read match nothing, and no method but GET and HEAD acts on one.
Precondition evaluate_preconditions(Method method, const ReceivedHeaders& headers, const Validators& current,
                                    bool exists = true);

// For PUT, PATCH, DELETE before they act: throws Problem(precondition_failed).
void check_preconditions(Method method, const ReceivedHeaders& headers, const Validators& current,
                         bool exists);

// Whether a Range header may be honoured: no If-Range, or one that matches strongly.
bool is_range_wanted(const ReceivedHeaders& headers, const Validators& current);

// IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", for the years 0 to 9999.
std::string render_http_date(Time time);
// Takes the two obsolete forms too; a year of two digits lies between 1970 and 2069.
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace lodestone::http
