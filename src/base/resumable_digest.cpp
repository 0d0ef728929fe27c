// OpenSSL's contexts of before the EVP interface: the only ones of its that can be looked into. They run the
// same assembler, and are deprecated without a successor for this.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/resumable_digest.hpp"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <sodium/crypto_generichash_blake2b.h>

#include <algorithm>
#include <array>
#include <variant>

#include "base/ensure.hpp"

namespace lodestone {

namespace {

// What the four have in common: chaining words, a count of bits in two words, and the tail of an unfinished
// block. `Word` is their unit.
struct Sha256State {
    using Word = std::uint32_t;
    static constexpr std::size_t words = 8, block_bytes = SHA256_CBLOCK, size_bytes = SHA256_DIGEST_LENGTH;
    SHA256_CTX context{};
    void start() { SHA256_Init(&context); }
    void add(std::string_view bytes) { SHA256_Update(&context, bytes.data(), bytes.size()); }
    static void finish(unsigned char* to, SHA256_CTX& of) { SHA256_Final(to, &of); }
    static auto word(auto& of, std::size_t at) -> auto& { return of.h[at]; }
    static auto tail(auto& of) { return reinterpret_cast<char*>(const_cast<SHA_LONG*>(of.data)); }
};

struct Sha512State {
    using Word = std::uint64_t;
    static constexpr std::size_t words = 8, block_bytes = SHA512_CBLOCK, size_bytes = SHA512_DIGEST_LENGTH;
    SHA512_CTX context{};
    void start() { SHA512_Init(&context); }
    void add(std::string_view bytes) { SHA512_Update(&context, bytes.data(), bytes.size()); }
    static void finish(unsigned char* to, SHA512_CTX& of) { SHA512_Final(to, &of); }
    static auto word(auto& of, std::size_t at) -> auto& { return of.h[at]; }
    static auto tail(auto& of) { return reinterpret_cast<char*>(const_cast<unsigned char*>(of.u.p)); }
};

struct Sha1State {
    using Word = std::uint32_t;
    static constexpr std::size_t words = 5, block_bytes = SHA_CBLOCK, size_bytes = SHA_DIGEST_LENGTH;
    SHA_CTX context{};
    void start() { SHA1_Init(&context); }
    void add(std::string_view bytes) { SHA1_Update(&context, bytes.data(), bytes.size()); }
    static void finish(unsigned char* to, SHA_CTX& of) { SHA1_Final(to, &of); }
    static auto word(auto& of, std::size_t at) -> auto& {
        return at == 0 ? of.h0 : at == 1 ? of.h1 : at == 2 ? of.h2 : at == 3 ? of.h3 : of.h4;
    }
    static auto tail(auto& of) { return reinterpret_cast<char*>(const_cast<SHA_LONG*>(of.data)); }
};

struct Md5State {
    using Word = std::uint32_t;
    static constexpr std::size_t words = 4, block_bytes = MD5_CBLOCK, size_bytes = MD5_DIGEST_LENGTH;
    MD5_CTX context{};
    void start() { MD5_Init(&context); }
    void add(std::string_view bytes) { MD5_Update(&context, bytes.data(), bytes.size()); }
    static void finish(unsigned char* to, MD5_CTX& of) { MD5_Final(to, &of); }
    static auto word(auto& of, std::size_t at) -> auto& {
        return at == 0 ? of.A : at == 1 ? of.B : at == 2 ? of.C : of.D;
    }
    static auto tail(auto& of) { return reinterpret_cast<char*>(const_cast<MD5_LONG*>(of.data)); }
};

// libsodium's, since OpenSSL's has only the full 64 bytes before its version 3.2.
struct Blake2bState {
    static constexpr std::size_t size_bytes = 32;
    crypto_generichash_blake2b_state context{};
    void start() { crypto_generichash_blake2b_init(&context, nullptr, 0, size_bytes); }
    void add(std::string_view bytes) {
        crypto_generichash_blake2b_update(&context, reinterpret_cast<const unsigned char*>(bytes.data()),
                                          bytes.size());
    }
    static void finish(unsigned char* to, crypto_generichash_blake2b_state& of) {
        crypto_generichash_blake2b_final(&of, to, size_bytes);
    }
};

constexpr char encoding_version = 1;

void append_number(std::string& out, std::uint64_t number, std::size_t size_bytes) {
    for (std::size_t i = 0; i < size_bytes; ++i)
        out += static_cast<char>(number >> (8 * (size_bytes - 1 - i)) & 0xFF);
}

std::uint64_t take_number(std::string_view& in, std::size_t size_bytes) {
    std::uint64_t number = 0;
    for (const char c : in.substr(0, size_bytes)) number = number << 8 | static_cast<unsigned char>(c);
    in.remove_prefix(size_bytes);
    return number;
}

template <class S>
std::string save_state(const S& state, DigestKind kind) {
    const auto& context = state.context;
    std::string out{encoding_version, static_cast<char>(kind)};
    for (std::size_t i = 0; i < S::words; ++i)
        append_number(out, S::word(context, i), sizeof(typename S::Word));
    append_number(out, context.Nh, sizeof(typename S::Word));
    append_number(out, context.Nl, sizeof(typename S::Word));
    out.append(S::tail(context), context.num);
    return out;
}

// The tail is as long as the count says: anything else was not made by save().
template <class S>
std::optional<S> restore_state(std::string_view saved) {
    constexpr std::size_t word_bytes = sizeof(typename S::Word);
    if (saved.size() < (S::words + 2) * word_bytes) return std::nullopt;
    S state;
    state.start();
    auto& context = state.context;
    for (std::size_t i = 0; i < S::words; ++i)
        S::word(context, i) = static_cast<typename S::Word>(take_number(saved, word_bytes));
    context.Nh = static_cast<typename S::Word>(take_number(saved, word_bytes));
    context.Nl = static_cast<typename S::Word>(take_number(saved, word_bytes));
    const std::uint64_t bits = context.Nl;
    if (bits % 8 != 0 || saved.size() != bits / 8 % S::block_bytes) return std::nullopt;
    std::ranges::copy(saved, S::tail(context));
    context.num = static_cast<unsigned>(saved.size());
    return state;
}

std::string save_state(const Blake2bState& /*state*/, DigestKind /*kind*/) {
    fail_ensure("a BLAKE2b cannot be written down half-way", std::source_location::current());
}

template <>
std::optional<Blake2bState> restore_state<Blake2bState>(std::string_view /*saved*/) {
    return std::nullopt;
}

}  // namespace

struct ResumableDigest::State {
    std::variant<Sha256State, Sha512State, Sha1State, Md5State, Blake2bState> digest;
};

ResumableDigest::ResumableDigest(DigestKind kind) : kind_(kind), state_(std::make_unique<State>()) {
    switch (kind) {
        case DigestKind::sha256: state_->digest.emplace<Sha256State>(); break;
        case DigestKind::sha512: state_->digest.emplace<Sha512State>(); break;
        case DigestKind::sha1: state_->digest.emplace<Sha1State>(); break;
        case DigestKind::md5: state_->digest.emplace<Md5State>(); break;
        case DigestKind::blake2b_256: state_->digest.emplace<Blake2bState>(); break;
    }
    std::visit([](auto& digest) { digest.start(); }, state_->digest);
}

ResumableDigest::ResumableDigest(ResumableDigest&&) noexcept = default;
ResumableDigest& ResumableDigest::operator=(ResumableDigest&&) noexcept = default;
ResumableDigest::~ResumableDigest() = default;

void ResumableDigest::add(std::string_view bytes) {
    if (bytes.empty()) return;
    std::visit([&](auto& digest) { digest.add(bytes); }, state_->digest);
}

std::string ResumableDigest::digest() const {
    return std::visit(
        []<class S>(const S& digest) {
            auto copy = digest.context;
            std::array<unsigned char, S::size_bytes> bytes{};
            S::finish(bytes.data(), copy);
            return std::string(bytes.begin(), bytes.end());
        },
        state_->digest);
}

std::string ResumableDigest::save() const {
    return std::visit([this](const auto& digest) { return save_state(digest, kind_); }, state_->digest);
}

std::optional<ResumableDigest> ResumableDigest::restore(std::string_view saved) {
    if (saved.size() < 2 || saved[0] != encoding_version) return std::nullopt;
    const auto kind = static_cast<unsigned char>(saved[1]);
    if (kind > static_cast<unsigned char>(DigestKind::md5)) return std::nullopt;
    ResumableDigest restored(static_cast<DigestKind>(kind));
    const bool is_whole = std::visit(
        [&]<class S>(S& digest) {
            auto state = restore_state<S>(saved.substr(2));
            if (state) digest = *state;
            return state.has_value();
        },
        restored.state_->digest);
    if (!is_whole) return std::nullopt;
    return restored;
}

std::size_t digest_bytes(DigestKind kind) {
    switch (kind) {
        case DigestKind::sha256: return Sha256State::size_bytes;
        case DigestKind::sha512: return Sha512State::size_bytes;
        case DigestKind::sha1: return Sha1State::size_bytes;
        case DigestKind::md5: return Md5State::size_bytes;
        case DigestKind::blake2b_256: return Blake2bState::size_bytes;
    }
    fail_ensure("there are five kinds of digests", std::source_location::current());
}

}  // namespace lodestone
