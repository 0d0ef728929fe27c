// Refusals. A Problem says what happened, to what, and what to do about it; serve() turns it into the answer
// that the client's protocol expects (RFC 9457 for our own API). The catalogue below is every kind there is.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lodestone {

struct ProblemKind {
    std::string_view code;   // stable; clients may switch on it
    int status;              // HTTP status
    std::string_view title;  // the same for every occurrence
};

namespace problems {
inline constexpr ProblemKind malformed_request{"malformed-request", 400, "Malformed request"};
inline constexpr ProblemKind invalid_input{"invalid-input", 400, "Invalid input"};
inline constexpr ProblemKind unauthenticated{"unauthenticated", 401, "Authentication required"};
inline constexpr ProblemKind forbidden{"forbidden", 403, "Forbidden"};
inline constexpr ProblemKind not_found{"not-found", 404, "Not found"};
inline constexpr ProblemKind method_not_allowed{"method-not-allowed", 405, "Method not allowed"};
inline constexpr ProblemKind request_timeout{"request-timeout", 408, "Request timeout"};
inline constexpr ProblemKind conflict{"conflict", 409, "Conflict"};
inline constexpr ProblemKind length_required{"length-required", 411, "Length required"};
inline constexpr ProblemKind precondition_failed{"precondition-failed", 412, "Precondition failed"};
inline constexpr ProblemKind body_too_large{"body-too-large", 413, "Body too large"};
inline constexpr ProblemKind target_too_long{"target-too-long", 414, "URL too long"};
inline constexpr ProblemKind unsupported_media_type{"unsupported-media-type", 415, "Unsupported media type"};
inline constexpr ProblemKind range_not_satisfiable{"range-not-satisfiable", 416, "Range not satisfiable"};
inline constexpr ProblemKind expectation_failed{"expectation-failed", 417, "Expectation failed"};
inline constexpr ProblemKind misdirected_request{"misdirected-request", 421, "Misdirected request"};
inline constexpr ProblemKind idempotency_key_reused{"idempotency-key-reused", 422, "Idempotency key reused"};
inline constexpr ProblemKind upgrade_required{"upgrade-required", 426, "Upgrade required"};
inline constexpr ProblemKind precondition_required{"precondition-required", 428, "Precondition required"};
inline constexpr ProblemKind too_many_requests{"too-many-requests", 429, "Too many requests"};
inline constexpr ProblemKind headers_too_large{"headers-too-large", 431, "Headers too large"};
inline constexpr ProblemKind internal_error{"internal-error", 500, "Internal error"};
inline constexpr ProblemKind not_implemented{"not-implemented", 501, "Not implemented"};
inline constexpr ProblemKind bad_upstream{"bad-upstream", 502, "Upstream failed"};
inline constexpr ProblemKind unavailable{"unavailable", 503, "Temporarily unavailable"};
inline constexpr ProblemKind upstream_timeout{"upstream-timeout", 504, "Upstream timed out"};
inline constexpr ProblemKind version_not_supported{"http-version-not-supported", 505,
                                                   "HTTP version not supported"};
inline constexpr ProblemKind storage_full{"storage-full", 507, "Storage full"};
}  // namespace problems

// Every kind, in the order of the list above: the documentation is made from it.
std::span<const ProblemKind* const> all_problem_kinds();

// What is wrong with one field of a document: where it stands (RFC 6901, "/settings/max_users"), and what to
// do.
struct FieldFault {
    std::string pointer;
    std::string detail;
    bool operator==(const FieldFault&) const = default;
};

class Problem : public std::exception {
  public:
    Problem(const ProblemKind& kind, std::string detail) : kind_(&kind), detail_(std::move(detail)) {}

    const ProblemKind& kind() const { return *kind_; }
    int status() const { return kind_->status; }
    // One sentence for the person at the client: what happened, to what, what to do.
    const std::string& detail() const { return detail_; }
    const char* what() const noexcept override { return detail_.c_str(); }

    // What only the log may see.
    Problem&& with_internal(std::string text) && {
        internal_ = std::move(text);
        return std::move(*this);
    }
    const std::string& internal() const { return internal_; }

    // A response header that belongs to the refusal: Allow, Retry-After, WWW-Authenticate …
    Problem&& with_header(std::string name, std::string value) && {
        headers_.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
    const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

    // Each field that was refused, when it was fields.
    Problem&& with_faults(std::vector<FieldFault> faults) && {
        faults_ = std::move(faults);
        return std::move(*this);
    }
    const std::vector<FieldFault>& faults() const { return faults_; }

  private:
    const ProblemKind* kind_;
    std::string detail_;
    std::string internal_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::vector<FieldFault> faults_;
};

// Runs something whose failure is news, not the end: what it threw, in words; nothing when it went well.
std::optional<std::string> find_problem(const std::function<void()>& run);

}  // namespace lodestone
