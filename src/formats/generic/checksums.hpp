// What a client says that its bytes are: the headers in which checksums come.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/resumable_digest.hpp"
#include "blobs/store/digests.hpp"
#include "http/message/headers.hpp"

namespace lodestone::formats::generic {

struct ExpectedDigest {
    DigestKind kind{};
    std::string bytes;
    bool operator==(const ExpectedDigest&) const = default;
};

// One header's value: X-Checksum-Sha256 (and -Sha512, -Sha1, -Md5) in hexadecimal; Digest, Content-Digest and
// Repr-Digest with their base64; Content-MD5. Of algorithms that nobody here computes nothing is taken; what
// cannot be read is a Problem(invalid_input). Nothing for any other header.
std::vector<ExpectedDigest> parse_checksum_header(std::string_view name, std::string_view value);

// Of all headers of a request.
std::vector<ExpectedDigest> list_checksums(const http::ReceivedHeaders& headers);
// Which digests have to be computed for them, besides SHA-256.
std::vector<DigestKind> kinds_of(const std::vector<ExpectedDigest>& expected);
// Throws Problem(invalid_input) where what came is not what was announced.
void check_checksums(const std::vector<ExpectedDigest>& expected, const blobs::Digests& digests);

}  // namespace lodestone::formats::generic
