// Refusals in the words of the specification: its codes, each with the status that goes with it.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
#pragma once

#include "base/problem.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::formats::oci {

inline constexpr ProblemKind blob_unknown{"BLOB_UNKNOWN", 404, "Blob unknown"};
inline constexpr ProblemKind blob_needed{"UNSUPPORTED", 405, "Blob in use"};
inline constexpr ProblemKind upload_invalid{"BLOB_UPLOAD_INVALID", 400, "Upload invalid"};
inline constexpr ProblemKind upload_out_of_order{"BLOB_UPLOAD_INVALID", 416, "Chunk out of order"};
inline constexpr ProblemKind upload_unknown{"BLOB_UPLOAD_UNKNOWN", 404, "Upload unknown"};
inline constexpr ProblemKind digest_invalid{"DIGEST_INVALID", 400, "Digest invalid"};
inline constexpr ProblemKind manifest_blob_unknown{"MANIFEST_BLOB_UNKNOWN", 404,
                                                   "Manifest names an unknown blob"};
inline constexpr ProblemKind manifest_invalid{"MANIFEST_INVALID", 400, "Manifest invalid"};
inline constexpr ProblemKind manifest_needed{"DENIED", 405, "Manifest in use"};
inline constexpr ProblemKind manifest_unknown{"MANIFEST_UNKNOWN", 404, "Manifest unknown"};
inline constexpr ProblemKind name_invalid{"NAME_INVALID", 400, "Name invalid"};
inline constexpr ProblemKind name_unknown{"NAME_UNKNOWN", 404, "Name unknown"};
inline constexpr ProblemKind size_invalid{"SIZE_INVALID", 400, "Size invalid"};
inline constexpr ProblemKind question_invalid{"UNSUPPORTED", 400, "Not understood"};
inline constexpr ProblemKind unsupported{"UNSUPPORTED", 405, "Unsupported"};

// {"errors":[{"code":…,"message":…,"detail":…}]}, and with 401 where to get a token, and for what.
http::Response render_problem(const Problem& problem, const http::Request& request);

}  // namespace lodestone::formats::oci
