// The pure step before an answer is sent: whole, not modified, one range, several, or a refusal. Decides from
// the request's conditions and what is known of the answer, without touching a byte of its body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/message/headers.hpp"
#include "http/message/method.hpp"
#include "http/message/range.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::http {

// What a decision needs to know of an answer.
struct Representation {
    int status = 200;
    std::string_view etag;
    std::optional<Time> last_modified;
    std::optional<std::uint64_t> size_bytes;  // of the whole body, where known
    bool can_seek = true;                     // the body can be sent from any offset
    std::string_view content_type;
    bool has_content_coding = false;
    std::optional<Time> now;  // see Validators::now
};

// Views into `response`.
Representation describe(const Response& response, Time now);

// Nothing for what is streamed without a length.
std::optional<std::uint64_t> body_size(const ResponseBody& body);

struct PlannedPart {
    std::string head;  // goes before the bytes: empty, or a part's head within multipart/byteranges
    ByteRange range;
};

struct Plan {
    enum class Kind : std::uint8_t {
        whole,
        not_modified,
        precondition_failed,
        one_range,
        ranges,
        unsatisfiable
    };
    Kind kind = Kind::whole;
    int status = 200;
    bool accepts_ranges = false;     // Accept-Ranges: bytes belongs to the answer
    std::string content_range;       // one_range and unsatisfiable
    std::string content_type;        // ranges: multipart/byteranges and its boundary
    std::vector<PlannedPart> parts;  // one_range and ranges; else the body goes whole or not at all
    std::string tail;                // ranges: after the last part
    std::optional<std::uint64_t> length_bytes;  // of what would be sent to a GET; absent: unknown

    bool is_refusal() const { return kind == Kind::precondition_failed || kind == Kind::unsatisfiable; }
};

// Conditions count for answers of 200 to GET and HEAD that have a validator, ranges moreover only for GET and
// bodies that can seek. Several ranges of an encoded body are not served, because nobody could tell whether
// the parts or their sum are encoded. `random` makes the boundary, which a body's author must not foresee.
Plan plan_representation(Method method, const ReceivedHeaders& headers, const Representation& current,
                         Random& random);

// Puts the plan's status and header fields on the answer and takes off those that no longer hold. The body of
// a 304, 412 or 416 is dropped; that of a range is left for the sender to cut by `plan.parts`. ETag and
// Last-Modified stay the response's members, cleared where they must not be sent.
void apply_plan(const Plan& plan, Response& response);

// For a plan that is a refusal, once it is applied: the answer says so in the words of its route.
void word_refusal(const Request& request, Plan& plan, Response& response);

}  // namespace lodestone::http
