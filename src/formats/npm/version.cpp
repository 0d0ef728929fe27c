// Versions, read from the left in one pass.
#include "formats/npm/version.hpp"

#include <algorithm>

#include "base/npm_limits.hpp"

namespace lodestone::formats::npm {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_identifier_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool is_number(std::string_view text) {
    return std::ranges::all_of(text, is_digit);
}

std::string_view take_identifier(std::string_view& text) {
    const auto end = std::ranges::find_if_not(text, is_identifier_character);
    const std::string_view taken(text.begin(), end);
    text.remove_prefix(taken.size());
    return taken;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// Numbers stand before words; those of the same length are in order as texts are.
std::strong_ordering compare_identifiers(std::string_view one, std::string_view other) {
    const bool is_one_number = is_number(one);
    const bool is_other_number = is_number(other);
    if (is_one_number != is_other_number)
        return is_one_number ? std::strong_ordering::less : std::strong_ordering::greater;
    if (is_one_number && one.size() != other.size()) return one.size() <=> other.size();
    return one <=> other;
}

}  // namespace

std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    std::size_t size = 0;
    for (; size < text.size() && is_digit(text[size]); ++size) {
        number = number * 10 + static_cast<std::uint64_t>(text[size] - '0');
        if (number > limits::npm_number_most) return std::nullopt;
    }
    if (size == 0 || (size > 1 && text.front() == '0')) return std::nullopt;
    text.remove_prefix(size);
    return number;
}

std::optional<std::vector<std::string>> take_prerelease(std::string_view& text) {
    std::vector<std::string> parts;
    do {
        const std::string_view part = take_identifier(text);
        if (part.empty() || (part.size() > 1 && part.front() == '0' && is_number(part))) return std::nullopt;
        if (parts.size() == limits::npm_prerelease_parts) return std::nullopt;
        parts.emplace_back(part);
    } while (take(text, '.'));
    return parts;
}

std::optional<std::string> take_build(std::string_view& text) {
    const std::string_view before = text;
    do {
        if (take_identifier(text).empty()) return std::nullopt;
    } while (take(text, '.'));
    return std::string(before.substr(0, before.size() - text.size()));
}

std::optional<SemanticVersion> parse_version(std::string_view text) {
    if (text.size() > limits::npm_version_bytes) return std::nullopt;
    SemanticVersion version;
    for (std::uint64_t* number : {&version.major, &version.minor, &version.patch}) {
        if (number != &version.major && !take(text, '.')) return std::nullopt;
        const auto taken = take_number(text);
        if (!taken) return std::nullopt;
        *number = *taken;
    }
    if (take(text, '-')) {
        auto prerelease = take_prerelease(text);
        if (!prerelease) return std::nullopt;
        version.prerelease = *std::move(prerelease);
    }
    if (take(text, '+')) {
        auto build = take_build(text);
        if (!build) return std::nullopt;
        version.build = *std::move(build);
    }
    if (!text.empty()) return std::nullopt;
    return version;
}

std::string render_version(const SemanticVersion& version) {
    std::string text = std::to_string(version.major) + '.' + std::to_string(version.minor) + '.' +
                       std::to_string(version.patch);
    for (std::size_t i = 0; i < version.prerelease.size(); ++i)
        text += (i == 0 ? '-' : '.') + version.prerelease[i];
    if (!version.build.empty()) text += '+' + version.build;
    return text;
}

std::strong_ordering compare_versions(const SemanticVersion& one, const SemanticVersion& other) {
    if (const auto order = one.major <=> other.major; order != 0) return order;
    if (const auto order = one.minor <=> other.minor; order != 0) return order;
    if (const auto order = one.patch <=> other.patch; order != 0) return order;
    // What is to become a version stands before it.
    if (one.prerelease.empty() || other.prerelease.empty())
        return static_cast<int>(one.prerelease.empty()) <=> static_cast<int>(other.prerelease.empty());
    const std::size_t shared = std::min(one.prerelease.size(), other.prerelease.size());
    for (std::size_t i = 0; i < shared; ++i)
        if (const auto order = compare_identifiers(one.prerelease[i], other.prerelease[i]); order != 0)
            return order;
    return one.prerelease.size() <=> other.prerelease.size();
}

std::string fold_version(std::string_view text) {
    auto version = parse_version(text);
    if (!version) return std::string(text);
    version->build.clear();
    return render_version(*version);
}

}  // namespace lodestone::formats::npm
