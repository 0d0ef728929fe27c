// Conditional requests, RFC 9110 §13: what If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since
// and If-Range say about a representation with these validators.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/headers.hpp"
#include "http/method.hpp"

namespace lodestone::http {

struct Validators {
    std::string_view etag;  // quoted; may be empty
    std::optional<Time> last_modified;
};

enum class Precondition { proceed, not_modified, failed };
// In the order of RFC 9110 §13.2.2. `exists`: whether there is a current representation at all.
Precondition evaluate_preconditions(Method method, const ReceivedHeaders& headers, const Validators& current,
                                    bool exists = true);

// For PUT, PATCH, DELETE before they act: throws Problem(precondition_failed).
void check_preconditions(Method method, const ReceivedHeaders& headers, const Validators& current,
                         bool exists);

// Whether a Range header may be honoured: no If-Range, or one that matches strongly.
bool is_range_wanted(const ReceivedHeaders& headers, const Validators& current);

// IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT"; parsing takes the two obsolete forms too.
std::string render_http_date(Time time);
std::optional<Time> parse_http_date(std::string_view text);

}  // namespace lodestone::http
