// Comparing, splitting and composing header fields: linear scans over flat text, because a head is short.
#include "http/message/headers.hpp"

#include <cstring>
#include <functional>

#include "base/ensure.hpp"
#include "http/message/characters.hpp"

namespace lodestone::http {

namespace {

template <class Word>
Word load(const char* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

// Eight ASCII letters to lower case at once; what is no letter stays as it is. Adding to the low seven bits
// of each byte carries into its top bit exactly when the byte is past the bound.
std::uint64_t fold_case(std::uint64_t bytes) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    const std::uint64_t low_bits = bytes & (0x7f * ones);
    const std::uint64_t is_past_z = low_bits + (0x7f - 'Z') * ones;
    const std::uint64_t is_from_a = low_bits + (0x80 - 'A') * ones;
    const std::uint64_t is_ascii = ~bytes & (0x80 * ones);
    return bytes | ((is_ascii & (is_from_a ^ is_past_z)) >> 2);
}

bool differs(std::uint64_t a, std::uint64_t b) {
    return a != b && fold_case(a) != fold_case(b);
}

// One to seven bytes in one word, some of them twice.
std::uint64_t load_short(std::string_view text) {
    if (text.size() >= 4)
        return std::uint64_t{load<std::uint32_t>(text.data())} << 32 |
               load<std::uint32_t>(text.data() + text.size() - 4);
    return std::uint64_t{static_cast<std::uint8_t>(text.front())} << 16 |
           std::uint64_t{static_cast<std::uint8_t>(text[text.size() / 2])} << 8 |
           static_cast<std::uint8_t>(text.back());
}

bool is_whitespace(char c) {
    return c == ' ' || c == '\t';
}

// The next member, maybe empty, taken off the front of the list.
std::string_view take_member(std::string_view& list) {
    bool is_quoted = false;
    std::size_t at = 0;
    for (; at < list.size() && (is_quoted || list[at] != ','); ++at) {
        if (list[at] == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && list[at] == '\\' && at + 1 < list.size())
            ++at;
    }
    const std::string_view member = list.substr(0, at);
    list.remove_prefix(at < list.size() ? at + 1 : at);
    return trim_whitespace(member);
}

// Where the line of the first field of that name begins and ends (past its CR LF).
struct Line {
    std::size_t begin = std::string::npos;
    std::size_t end = std::string::npos;
};

Line find_line(const std::string& text, std::string_view name, std::size_t from) {
    while (from < text.size()) {
        const std::size_t end = text.find('\n', from) + 1;
        // "Name: value\r\n" is longer than the name by four at least.
        if (end - from >= name.size() + 4 && text[from + name.size()] == ':' &&
            equals_ignoring_case({text.data() + from, name.size()}, name))
            return {from, end};
        from = end;
    }
    return {};
}

// What neither begins nor ends a value: whitespace, and the controls that would become it.
bool is_blank(char c) {
    return c == ' ' || c == '\t' || (character_classes[static_cast<std::uint8_t>(c)] & character::field) == 0;
}

std::string_view trim_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// Copies to `out`, with a replacement for what is not of the class; returns where the copy ends.
char* copy_clean(std::string_view text, std::uint8_t character_class, char replacement, char* out) {
    for (const char c : text)
        *out++ = (character_classes[static_cast<std::uint8_t>(c)] & character_class) != 0 ? c : replacement;
    return out;
}

}  // namespace

bool equals_ignoring_case_of_same_size(std::string_view a, std::string_view b) {
    const std::size_t size = a.size();
    if (size < 8) return size == 0 || !differs(load_short(a), load_short(b));
    for (std::size_t at = 0; at + 8 < size; at += 8)
        if (differs(load<std::uint64_t>(a.data() + at), load<std::uint64_t>(b.data() + at))) return false;
    // The last word overlaps the one before it, which spares a loop over single bytes.
    return !differs(load<std::uint64_t>(a.data() + size - 8), load<std::uint64_t>(b.data() + size - 8));
}

std::vector<std::string_view> split_list(std::string_view value, std::size_t most) {
    std::vector<std::string_view> members;
    while (!value.empty() && members.size() < most)
        if (const std::string_view member = take_member(value); !member.empty()) members.push_back(member);
    return members;
}

bool has_token(std::string_view list, std::string_view token) {
    while (!list.empty())
        if (const std::string_view member = take_member(list);
            !member.empty() && equals_ignoring_case(member, token))
            return true;
    return false;
}

std::string_view trim_whitespace(std::string_view text) {
    while (!text.empty() && is_whitespace(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_whitespace(text.back())) text.remove_suffix(1);
    return text;
}

bool is_token(std::string_view text) {
    return !text.empty() && is_all(text, character::token);
}

std::optional<std::string_view> ReceivedHeaders::find(std::string_view name) const {
    for (const HeaderField& field : *this)
        if (equals_ignoring_case(field.name, name)) return field.value;
    return std::nullopt;
}

std::size_t ReceivedHeaders::count(std::string_view name) const {
    std::size_t found = 0;
    for (const HeaderField& field : *this) found += equals_ignoring_case(field.name, name) ? 1 : 0;
    return found;
}

std::string ReceivedHeaders::joined(std::string_view name) const {
    std::string values;
    for (const HeaderField& field : *this) {
        if (!equals_ignoring_case(field.name, name)) continue;
        if (!values.empty()) values += ", ";
        values += field.value;
    }
    return values;
}

bool Headers::owns(std::string_view text) const {
    const std::less_equal<const char*> is_not_after;
    return is_not_after(text_.data(), text.data()) && is_not_after(text.data(), text_.data() + text_.size());
}

void Headers::add(std::string_view name, std::string_view value) {
    ensure(!name.empty(), "a header field has a name");
    // A view into our own text would dangle when that grows or moves.
    if (owns(name) || owns(value)) return add(std::string(name), std::string(value));
    constexpr std::size_t usual_size = 384;
    if (text_.empty()) text_.reserve(usual_size);

    const std::string_view content = trim_blanks(value);
    const std::size_t at = text_.size();
    text_.resize(at + name.size() + content.size() + 4);
    char* out = copy_clean(name, character::token, '-', text_.data() + at);
    *out++ = ':';
    *out++ = ' ';
    out = copy_clean(content, character::field, ' ', out);
    *out++ = '\r';
    *out++ = '\n';
}

void Headers::set(std::string_view name, std::string_view value) {
    if (owns(name) || owns(value)) return set(std::string(name), std::string(value));
    remove(name);
    add(name, value);
}

void Headers::remove(std::string_view name) {
    if (owns(name)) return remove(std::string(name));
    for (Line line = find_line(text_, name, 0); line.begin != std::string::npos;
         line = find_line(text_, name, line.begin))
        text_.erase(line.begin, line.end - line.begin);
}

void Headers::keep_only(std::span<const std::string_view> names) {
    Headers kept;
    for (const std::string_view name : names)
        for (Line line = find_line(text_, name, 0); line.begin != std::string::npos;
             line = find_line(text_, name, line.end))
            kept.text_.append(text_, line.begin, line.end - line.begin);
    *this = std::move(kept);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    const Line line = find_line(text_, name, 0);
    if (line.begin == std::string::npos) return std::nullopt;
    const std::size_t value_at = line.begin + name.size() + 2;
    return std::string_view(text_).substr(value_at, line.end - 2 - value_at);
}

}  // namespace lodestone::http
