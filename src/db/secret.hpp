// A member that is stored and read like its value, and never written down anywhere else: the audit log says
// that it changed, not what it was.
#pragma once

#include "db/codec.hpp"

namespace lodestone::db {

template <class T>
struct Secret {
    T value{};
    bool operator==(const Secret&) const = default;
};

template <class T>
inline constexpr bool is_secret = false;
template <class T>
inline constexpr bool is_secret<Secret<T>> = true;
template <class T>
inline constexpr bool is_secret<std::optional<Secret<T>>> = true;

template <class T>
struct Codec<Secret<T>> {
    static constexpr Kind kind = Codec<T>::kind;
    static Value to_value(const Secret<T>& secret) { return Codec<T>::to_value(secret.value); }
    static Secret<T> from_row(const Row& row, int column) { return {Codec<T>::from_row(row, column)}; }
};

}  // namespace lodestone::db
