// Versions, read from left to right once: no part of the grammar needs a second look at what was read.
#include "formats/pypi/version.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/python_limits.hpp"
#include "formats/pypi/characters.hpp"

namespace lodestone::formats::pypi {

namespace {

using Phase = PythonVersion::Phase;

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), to_lower);
    return result;
}

std::string without_zeros(std::string_view digits) {
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return std::string(digits);
}

// A text in lower case that is taken apart from its front.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    bool is_at_end() const { return text_.empty(); }
    bool take(char c) {
        if (!text_.starts_with(c)) return false;
        text_.remove_prefix(1);
        return true;
    }
    std::optional<std::string> take_number() {
        const std::size_t size_bytes =
            std::min(text_.size(),
                     static_cast<std::size_t>(std::ranges::find_if_not(text_, is_digit) - text_.begin()));
        if (size_bytes == 0) return std::nullopt;
        std::string number = without_zeros(text_.substr(0, size_bytes));
        text_.remove_prefix(size_bytes);
        return number;
    }
    // One of the words, with a separator before it or none; nothing is taken where none is there.
    template <std::size_t Count>
    std::optional<std::size_t> take_word(const std::array<std::string_view, Count>& words) {
        std::string_view rest = text_;
        if (!rest.empty() && is_separator(rest.front())) rest.remove_prefix(1);
        for (std::size_t i = 0; i < Count; ++i) {
            if (!rest.starts_with(words[i])) continue;
            text_ = rest.substr(words[i].size());
            return i;
        }
        return std::nullopt;
    }
    // What may follow a word: a separator or none, a number or none, which is 0 then.
    std::string take_word_number() {
        if (!text_.empty() && is_separator(text_.front())) text_.remove_prefix(1);
        return take_number().value_or("0");
    }
    // "-1", which is a post release.
    std::optional<std::string> take_implied_post() {
        if (text_.size() < 2 || text_.front() != '-' || !is_digit(text_[1])) return std::nullopt;
        text_.remove_prefix(1);
        return take_number();
    }
    bool takes_next_number() const { return text_.size() >= 2 && text_.front() == '.' && is_digit(text_[1]); }
    std::string_view rest() const { return text_; }

  private:
    std::string_view text_;
};

bool read_release(Cursor& cursor, PythonVersion& version) {
    auto first = cursor.take_number();
    if (!first) return false;
    if (cursor.take('!')) {
        version.epoch = *std::move(first);
        first = cursor.take_number();
        if (!first) return false;
    }
    version.release.push_back(*std::move(first));
    while (cursor.takes_next_number()) {
        cursor.take('.');
        version.release.push_back(cursor.take_number().value_or("0"));
    }
    return true;
}

void read_suffixes(Cursor& cursor, PythonVersion& version) {
    // The longer ones first, where one begins with another.
    static constexpr std::array<std::string_view, 8> phases{"alpha",   "a",   "beta", "b",
                                                            "preview", "pre", "c",    "rc"};
    static constexpr std::array<std::string_view, 3> posts{"post", "rev", "r"};
    static constexpr std::array<std::string_view, 1> developments{"dev"};
    if (const auto word = cursor.take_word(phases)) {
        const Phase phase = *word < 2 ? Phase::alpha : *word < 4 ? Phase::beta : Phase::candidate;
        version.preliminary = {.phase = phase, .number = cursor.take_word_number()};
    }
    if (auto number = cursor.take_implied_post())
        version.post = *std::move(number);
    else if (cursor.take_word(posts))
        version.post = cursor.take_word_number();
    if (cursor.take_word(developments)) version.development = cursor.take_word_number();
}

bool read_local(std::string_view text, PythonVersion& version) {
    while (true) {
        const auto end = std::ranges::find_if_not(text, is_alphanumeric);
        const std::string_view part = text.substr(0, static_cast<std::size_t>(end - text.begin()));
        if (part.empty()) return false;
        version.local.push_back(std::ranges::all_of(part, is_digit) ? without_zeros(part)
                                                                    : std::string(part));
        text.remove_prefix(part.size());
        if (text.empty()) return true;
        if (!is_separator(text.front())) return false;
        text.remove_prefix(1);
    }
}

std::strong_ordering compare_numbers(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return left.size() <=> right.size();
    return left.compare(right) <=> 0;
}

std::size_t significant_parts(const std::vector<std::string>& release) {
    std::size_t count = release.size();
    while (count > 1 && release[count - 1] == "0") --count;
    return count;
}

std::strong_ordering compare_releases(const PythonVersion& left, const PythonVersion& right) {
    const std::size_t left_count = significant_parts(left.release);
    const std::size_t right_count = significant_parts(right.release);
    for (std::size_t i = 0; i < std::min(left_count, right_count); ++i)
        if (const auto order = compare_numbers(left.release[i], right.release[i]); order != 0) return order;
    return left_count <=> right_count;
}

// Of one release: 1.0.dev1 < 1.0a1.dev1 < 1.0a1 < 1.0b1 < 1.0rc1 < 1.0 < 1.0.post1.
int rank_of(const PythonVersion& version) {
    if (version.preliminary) return 1 + static_cast<int>(version.preliminary->phase);
    return version.development && !version.post ? 0 : 4;
}

std::strong_ordering compare_optional(const std::optional<std::string>& left,
                                      const std::optional<std::string>& right, bool absent_is_less) {
    if (left && right) return compare_numbers(*left, *right);
    if (!left && !right) return std::strong_ordering::equal;
    return left.has_value() == absent_is_less ? std::strong_ordering::greater : std::strong_ordering::less;
}

// Numbers come behind words.
std::strong_ordering compare_local_parts(const std::string& left, const std::string& right) {
    const bool is_left_number = std::ranges::all_of(left, is_digit);
    const bool is_right_number = std::ranges::all_of(right, is_digit);
    if (is_left_number != is_right_number) return is_left_number <=> is_right_number;
    return is_left_number ? compare_numbers(left, right) : left.compare(right) <=> 0;
}

std::strong_ordering compare_locals(const PythonVersion& left, const PythonVersion& right) {
    for (std::size_t i = 0; i < std::min(left.local.size(), right.local.size()); ++i)
        if (const auto order = compare_local_parts(left.local[i], right.local[i]); order != 0) return order;
    return left.local.size() <=> right.local.size();
}

std::string render_parts(const PythonVersion& version, std::size_t release_parts) {
    static constexpr std::array<std::string_view, 3> phases{"a", "b", "rc"};
    std::string text;
    if (version.epoch != "0") text = version.epoch + '!';
    for (std::size_t i = 0; i < release_parts; ++i) text += (i == 0 ? "" : ".") + version.release[i];
    if (version.preliminary) {
        text += phases[static_cast<std::size_t>(version.preliminary->phase)];
        text += version.preliminary->number;
    }
    if (version.post) text += ".post" + *version.post;
    if (version.development) text += ".dev" + *version.development;
    for (std::size_t i = 0; i < version.local.size(); ++i) text += (i == 0 ? "+" : ".") + version.local[i];
    return text;
}

bool is_specifier(std::string_view clause) {
    static constexpr std::array<std::string_view, 8> operators{"===", "==", "!=", "~=", "<=", ">=", "<", ">"};
    clause = trim(clause);
    const auto* const found =
        std::ranges::find_if(operators, [&](std::string_view one) { return clause.starts_with(one); });
    if (found == operators.end()) return false;
    std::string_view version = trim(clause.substr(found->size()));
    if (*found == "===") return !version.empty() && std::ranges::none_of(version, is_space);
    const bool takes_any = *found == "==" || *found == "!=";
    if (takes_any && version.ends_with(".*")) version.remove_suffix(2);
    return parse_version(version).has_value();
}

}  // namespace

std::optional<PythonVersion> parse_version(std::string_view text) {
    text = trim(text);
    if (text.size() > limits::python_version_bytes) return std::nullopt;
    const std::string lowered = lower(text);
    Cursor cursor(lowered);
    cursor.take('v');
    PythonVersion version;
    if (!read_release(cursor, version)) return std::nullopt;
    read_suffixes(cursor, version);
    const bool is_over = cursor.is_at_end();
    if (!is_over && (!cursor.take('+') || !read_local(cursor.rest(), version))) return std::nullopt;
    // "1a" is short for "1a0": what is too long when it is written out is no version either.
    if (render_version(version).size() > limits::python_version_bytes) return std::nullopt;
    return version;
}

std::string render_version(const PythonVersion& version) {
    return render_parts(version, version.release.size());
}

std::strong_ordering compare_versions(const PythonVersion& left, const PythonVersion& right) {
    if (const auto order = compare_numbers(left.epoch, right.epoch); order != 0) return order;
    if (const auto order = compare_releases(left, right); order != 0) return order;
    if (const auto order = rank_of(left) <=> rank_of(right); order != 0) return order;
    if (left.preliminary && right.preliminary)
        if (const auto order = compare_numbers(left.preliminary->number, right.preliminary->number);
            order != 0)
            return order;
    if (const auto order = compare_optional(left.post, right.post, true); order != 0) return order;
    if (const auto order = compare_optional(left.development, right.development, false); order != 0)
        return order;
    return compare_locals(left, right);
}

std::string fold_version(const PythonVersion& version) {
    return render_parts(version, significant_parts(version.release));
}

std::string fold_version_text(std::string_view text) {
    const auto version = parse_version(text);
    return version ? fold_version(*version) : lower(trim(text));
}

bool is_specifier_set(std::string_view text) {
    if (text.size() > limits::python_specifier_bytes) return false;
    if (trim(text).empty()) return true;
    for (std::size_t clauses = 0; clauses < limits::python_specifier_clauses; ++clauses) {
        const std::size_t comma = text.find(',');
        const std::string_view clause = text.substr(0, comma);
        // A comma at the end, or two in a row, is what many write and installers read.
        if (!trim(clause).empty() && !is_specifier(clause)) return false;
        if (comma == text.npos) return true;
        text.remove_prefix(comma + 1);
    }
    return false;
}

}  // namespace lodestone::formats::pypi
