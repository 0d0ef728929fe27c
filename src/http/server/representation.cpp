// Planning an answer: preconditions first, then ranges, in the order of RFC 9110 §13.2.2.
#include "http/server/representation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/problem.hpp"
#include "http/message/conditional.hpp"
#include "http/server/problem_response.hpp"

namespace lodestone::http {

namespace {

constexpr std::size_t boundary_bytes = 16;

// Most requests carry none of these; one look at the names spares them the rest.
bool has_conditions(const ReceivedHeaders& headers) {
    return std::any_of(headers.begin(), headers.end(), [](const HeaderField& field) {
        return equals_ignoring_case(field.name.substr(0, 3), "if-") ||
               equals_ignoring_case(field.name, "range");
    });
}

std::string render_content_range(const ByteRange& range, std::uint64_t size_bytes) {
    return fmt::format("bytes {}-{}/{}", range.offset, range.offset + range.size_bytes - 1, size_bytes);
}

Plan make_one_range(const ByteRange& range, std::uint64_t size_bytes) {
    Plan plan;
    plan.kind = Plan::Kind::one_range;
    plan.status = 206;
    plan.content_range = render_content_range(range, size_bytes);
    plan.parts.push_back({{}, range});
    plan.length_bytes = range.size_bytes;
    return plan;
}

Plan make_ranges(const std::vector<ByteRange>& ranges, const Representation& current, Random& random) {
    const std::string boundary = random.next_hex(boundary_bytes);
    Plan plan;
    plan.kind = Plan::Kind::ranges;
    plan.status = 206;
    plan.content_type = "multipart/byteranges; boundary=" + boundary;
    plan.tail = fmt::format("\r\n--{}--\r\n", boundary);
    std::uint64_t length = plan.tail.size();
    for (const ByteRange& range : ranges) {
        std::string head = fmt::format("{}--{}\r\n", plan.parts.empty() ? "" : "\r\n", boundary);
        if (!current.content_type.empty()) head += fmt::format("Content-Type: {}\r\n", current.content_type);
        head += fmt::format("Content-Range: {}\r\n\r\n", render_content_range(range, *current.size_bytes));
        length += head.size() + range.size_bytes;
        plan.parts.push_back({std::move(head), range});
    }
    plan.length_bytes = length;
    return plan;
}

Plan make_unsatisfiable(std::uint64_t size_bytes) {
    Plan plan;
    plan.kind = Plan::Kind::unsatisfiable;
    plan.status = 416;
    plan.content_range = fmt::format("bytes */{}", size_bytes);
    plan.length_bytes = 0;
    return plan;
}

Plan make_bodiless(Plan::Kind kind, int status) {
    Plan plan;
    plan.kind = kind;
    plan.status = status;
    plan.length_bytes = 0;
    return plan;
}

Plan make_whole(const Representation& current) {
    Plan plan;
    plan.status = current.status;
    plan.length_bytes = current.size_bytes;
    return plan;
}

Plan plan_ranges(const ReceivedHeaders& headers, const Representation& current, const Validators& validators,
                 Random& random) {
    if (headers.count("Range") != 1 || !is_range_wanted(headers, validators)) return make_whole(current);
    const auto [verdict, ranges] = parse_ranges(*headers.find("Range"), *current.size_bytes);
    if (verdict == Ranges::Verdict::unsatisfiable) return make_unsatisfiable(*current.size_bytes);
    if (verdict == Ranges::Verdict::ignore) return make_whole(current);
    if (ranges.size() == 1) return make_one_range(ranges.front(), *current.size_bytes);
    if (current.has_content_coding) return make_whole(current);
    return make_ranges(ranges, current, random);
}

}  // namespace

std::optional<std::uint64_t> body_size(const ResponseBody& body) {
    struct Measure {
        std::optional<std::uint64_t> operator()(std::monostate) const { return 0; }
        std::optional<std::uint64_t> operator()(const std::string& text) const { return text.size(); }
        std::optional<std::uint64_t> operator()(const SharedBytes& shared) const {
            return shared.bytes.size();
        }
        std::optional<std::uint64_t> operator()(const FileSlice& slice) const { return slice.size_bytes; }
        std::optional<std::uint64_t> operator()(const std::unique_ptr<BodySource>& source) const {
            return source->length();
        }
        std::optional<std::uint64_t> operator()(const std::unique_ptr<SeekableSource>& source) const {
            return source->size_bytes();
        }
    };
    return std::visit(Measure{}, body);
}

Representation describe(const Response& response, Time now) {
    Representation current;
    current.status = response.status;
    current.etag = response.etag;
    current.last_modified = response.last_modified;
    current.size_bytes = body_size(response.body);
    current.can_seek = !std::holds_alternative<std::unique_ptr<BodySource>>(response.body);
    current.content_type = response.headers.find("Content-Type").value_or(std::string_view());
    current.has_content_coding = response.headers.has("Content-Encoding");
    current.now = now;
    return current;
}

Plan plan_representation(Method method, const ReceivedHeaders& headers, const Representation& current,
                         Random& random) {
    const bool is_read = method == Method::get || method == Method::head;
    const bool has_validator = !current.etag.empty() || current.last_modified;
    if (!is_read || current.status != 200 || !has_validator) return make_whole(current);

    const bool accepts_ranges = current.can_seek && current.size_bytes;
    Plan plan = make_whole(current);
    if (has_conditions(headers)) {
        const Validators validators{current.etag, current.last_modified, current.now};
        switch (evaluate_preconditions(method, headers, validators)) {
            case Precondition::not_modified: return make_bodiless(Plan::Kind::not_modified, 304);
            case Precondition::failed: return make_bodiless(Plan::Kind::precondition_failed, 412);
            case Precondition::proceed: break;
        }
        if (accepts_ranges && method == Method::get) plan = plan_ranges(headers, current, validators, random);
    }
    plan.accepts_ranges = accepts_ranges;
    return plan;
}

void apply_plan(const Plan& plan, Response& response) {
    response.status = plan.status;
    if (plan.accepts_ranges) response.headers.set("Accept-Ranges", "bytes");
    if (!plan.content_range.empty()) response.headers.set("Content-Range", plan.content_range);
    if (!plan.content_type.empty()) response.headers.set("Content-Type", plan.content_type);

    if (plan.kind != Plan::Kind::not_modified && !plan.is_refusal()) return;
    response.body = std::monostate();
    for (const auto name : {"Content-Type", "Content-Length", "Content-Encoding", "Content-Language",
                            "Content-Disposition", "Content-Digest", "Repr-Digest"})
        response.headers.remove(name);
    if (!plan.is_refusal()) return;
    // What allows caches to keep the representation must not let them keep its refusal in its place.
    response.headers.remove("Expires");
    response.headers.set("Cache-Control", "no-store");
    response.etag.clear();
    response.last_modified.reset();
}

void word_refusal(const Request& request, Plan& plan, Response& response) {
    const Problem problem =
        plan.kind == Plan::Kind::precondition_failed
            ? Problem(problems::precondition_failed,
                      "This is no longer what If-Match or If-Unmodified-Since names: "
                      "fetch it anew.")
            : Problem(problems::range_not_satisfiable,
                      "None of the bytes that Range asks for is there: Content-Range says "
                      "how many there are.");
    Response worded = render_refusal(problem, request);
    response.headers.remove("Cache-Control");  // comes along with the words
    response.headers.append(worded.headers);
    if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "no-store");
    response.body = std::move(worded.body);
    plan.length_bytes = body_size(response.body);
}

}  // namespace lodestone::http
