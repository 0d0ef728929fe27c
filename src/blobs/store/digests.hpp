// The digests of bytes that come in: SHA-256 always, for it names them, others where a protocol asks.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/resumable_digest.hpp"

namespace lodestone::blobs {

struct OtherDigest {
    DigestKind kind{};
    std::string bytes;
    bool operator==(const OtherDigest&) const = default;
};

struct Digests {
    Sha256 sha256{};
    std::vector<OtherDigest> others;  // in the order in which they were asked for
    bool operator==(const Digests&) const = default;

    // Nothing when that digest was not asked for.
    std::optional<std::string> find(DigestKind kind) const;
};

// Each costs its share of a core (SHA-256 1.4 GB/s, SHA-512 0.6 GB/s): ask for no more than somebody needs.
class RunningDigests {
  public:
    explicit RunningDigests(std::span<const DigestKind> others = {});
    void add(std::string_view bytes);
    Digests digests() const;  // of what came so far
    // As ResumableDigest's.
    std::string save() const;
    static std::optional<RunningDigests> restore(std::string_view saved);

  private:
    std::vector<ResumableDigest> running_;  // SHA-256 first
};

}  // namespace lodestone::blobs
