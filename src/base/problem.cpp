// The catalogue of refusals as a list.
#include "base/problem.hpp"

#include <array>

namespace lodestone {

std::span<const ProblemKind* const> all_problem_kinds() {
    using namespace problems;
    static constexpr std::array kinds{&malformed_request,
                                      &invalid_input,
                                      &unauthenticated,
                                      &forbidden,
                                      &not_found,
                                      &method_not_allowed,
                                      &request_timeout,
                                      &conflict,
                                      &length_required,
                                      &precondition_failed,
                                      &body_too_large,
                                      &target_too_long,
                                      &range_not_satisfiable,
                                      &expectation_failed,
                                      &misdirected_request,
                                      &upgrade_required,
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

}  // namespace lodestone
