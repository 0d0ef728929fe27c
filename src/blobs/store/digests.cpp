// Several digests side by side; saved, each stands behind its length.
#include "blobs/store/digests.hpp"

#include <algorithm>

namespace lodestone::blobs {

namespace {

Sha256 to_sha256(std::string_view bytes) {
    Sha256 digest{};
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

}  // namespace

std::optional<std::string> Digests::find(DigestKind kind) const {
    if (kind == DigestKind::sha256) return std::string(sha256.begin(), sha256.end());
    const auto found = std::ranges::find(others, kind, &OtherDigest::kind);
    if (found == others.end()) return std::nullopt;
    return found->bytes;
}

RunningDigests::RunningDigests(std::span<const DigestKind> others) {
    running_.emplace_back(DigestKind::sha256);
    for (const DigestKind kind : others)
        if (std::ranges::find(running_, kind, &ResumableDigest::kind) == running_.end())
            running_.emplace_back(kind);
}

void RunningDigests::add(std::string_view bytes) {
    for (ResumableDigest& digest : running_) digest.add(bytes);
}

Digests RunningDigests::digests() const {
    Digests all{.sha256 = to_sha256(running_.front().digest()), .others = {}};
    for (const ResumableDigest& digest : std::span(running_).subspan(1))
        all.others.push_back({.kind = digest.kind(), .bytes = digest.digest()});
    return all;
}

std::string RunningDigests::save() const {
    std::string all;
    for (const ResumableDigest& digest : running_) {
        const std::string one = digest.save();
        all += static_cast<char>(one.size() >> 8);
        all += static_cast<char>(one.size() & 0xFF);
        all += one;
    }
    return all;
}

std::optional<RunningDigests> RunningDigests::restore(std::string_view saved) {
    RunningDigests restored;
    restored.running_.clear();
    while (!saved.empty()) {
        if (saved.size() < 2) return std::nullopt;
        const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(saved[0])) << 8 |
                                 static_cast<unsigned char>(saved[1]);
        saved.remove_prefix(2);
        if (saved.size() < size) return std::nullopt;
        auto digest = ResumableDigest::restore(saved.substr(0, size));
        if (!digest) return std::nullopt;
        restored.running_.push_back(std::move(*digest));
        saved.remove_prefix(size);
    }
    if (restored.running_.empty() || restored.running_.front().kind() != DigestKind::sha256)
        return std::nullopt;
    return restored;
}

}  // namespace lodestone::blobs
