// Digests of bytes that come piece by piece, over days and from one node to another: what a digest has taken
// so far can be written down and taken up again elsewhere.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone {

// blake2b_256: BLAKE2b of 32 bytes, without a key.
enum class DigestKind : std::uint8_t { sha256, sha512, sha1, md5, blake2b_256 };
BOOST_DESCRIBE_ENUM(DigestKind, sha256, sha512, sha1, md5, blake2b_256)

class ResumableDigest {
  public:
    explicit ResumableDigest(DigestKind kind);
    ResumableDigest(ResumableDigest&&) noexcept;
    ResumableDigest& operator=(ResumableDigest&&) noexcept;
    ~ResumableDigest();

    DigestKind kind() const { return kind_; }
    void add(std::string_view bytes);
    // Of what came so far; more may come.
    std::string digest() const;

    // In an encoding of our own, the same on every machine. Nothing about it is secret, and nothing vouches
    // for it: it is to be kept where only we write. Not of a BLAKE2b: libsodium shows nobody its state.
    std::string save() const;
    // Nothing when the text is none that save() made.
    static std::optional<ResumableDigest> restore(std::string_view saved);

  private:
    struct State;
    DigestKind kind_;
    std::unique_ptr<State> state_;
};

std::size_t digest_bytes(DigestKind kind);

}  // namespace lodestone
