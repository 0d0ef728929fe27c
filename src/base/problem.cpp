// The catalogue of refusals as a list, and the one place where a failure becomes a sentence.
#include "base/problem.hpp"

#include <array>

#include "base/access_problems.hpp"

namespace lodestone {

std::span<const ProblemKind* const> all_problem_kinds() {
    using namespace problems;
    static constexpr std::array kinds{&malformed_request,
                                      &invalid_input,
                                      &unauthenticated,
                                      &forbidden,
                                      &password_change_required,
                                      &second_factor_required,
                                      &address_not_allowed,
                                      &not_found,
                                      &method_not_allowed,
                                      &request_timeout,
                                      &conflict,
                                      &length_required,
                                      &precondition_failed,
                                      &body_too_large,
                                      &target_too_long,
                                      &unsupported_media_type,
                                      &range_not_satisfiable,
                                      &expectation_failed,
                                      &misdirected_request,
                                      &idempotency_key_reused,
                                      &upgrade_required,
                                      &precondition_required,
                                      &too_many_requests,
                                      &headers_too_large,
                                      &internal_error,
                                      &not_implemented,
                                      &bad_upstream,
                                      &unavailable,
                                      &upstream_timeout,
                                      &version_not_supported,
                                      &storage_full};
    return kinds;
}

std::optional<std::string> find_problem(const std::function<void()>& run) {
    try {
        run();
    } catch (const std::exception& error) {
        return error.what();
    }
    return std::nullopt;
}

}  // namespace lodestone
