// How far an unfinished upload has come in an S3 store, as text for its row: the parts that the store has,
// and how many bytes behind them lie in an object of their own, because they are too few for a part.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::blobs {

struct S3State {
    std::uint64_t tail_bytes = 0;   // kept at the size that the whole has
    std::string tail_sha256;        // in hexadecimal; empty: there is none
    std::uint64_t old_tail_at = 0;  // the size at which the tail before was kept; 0: there is none
    std::string object;             // where the parts go; empty, like what follows: none has been sent
    std::string upload_id;
    std::vector<std::string> parts;  // their ETags, the first one's first
    bool operator==(const S3State&) const = default;
};

// "1 TAIL OLD_TAIL", behind it the SHA-256 of the tail where there is one, and then a line each: object,
// upload, ETag, ETag …
std::string render_s3_state(const S3State& state);
// Takes exactly what render_s3_state() writes; of an upload that has just begun, whose row says nothing, too.
std::optional<S3State> parse_s3_state(std::string_view text);
// What can be kept so: visible ASCII, not too much of it.
bool is_s3_tag(std::string_view text);

}  // namespace lodestone::blobs
