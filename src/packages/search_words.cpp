// Which characters are parts of words. A table of all letters would be more exact, and change with Unicode;
// blocks of punctuation and symbols do not.
#include "packages/search_words.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/fold_case.hpp"
#include "base/hex.hpp"
#include "base/package_limits.hpp"
#include "base/utf8.hpp"

namespace lodestone::packages {

namespace {

struct Block {
    char32_t first;
    char32_t last;
};

constexpr Block separators[] = {
    {0x0000, 0x002F}, {0x003A, 0x0040}, {0x005B, 0x0060}, {0x007B, 0x00A9}, {0x00AB, 0x00B4},
    {0x00B6, 0x00B9}, {0x00BB, 0x00BF}, {0x00D7, 0x00D7}, {0x00F7, 0x00F7}, {0x2000, 0x206F},
    {0x2190, 0x2BFF}, {0x2E00, 0x2E7F}, {0x3000, 0x3004}, {0x3008, 0x303F}, {0x30FB, 0x30FB},
    {0xFE10, 0xFE1F}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40},
    {0xFF5B, 0xFF65}, {0xFFF0, 0xFFFF},
};
constexpr Block words_by_themselves[] = {
    {0x3040, 0x30FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3134F},
};

bool is_in(std::span<const Block> blocks, char32_t c) {
    const auto block = std::ranges::lower_bound(blocks, c, {}, &Block::last);
    return block != blocks.end() && c >= block->first;
}

class Words {
  public:
    explicit Words(std::size_t most) : most_(most) {}
    void add(std::string_view letter) {
        if (word_.size() + letter.size() > limits::search_word_bytes) is_cut_ = true;
        if (!is_cut_) word_ += letter;
    }
    void end() {
        is_cut_ = false;
        std::string word = std::exchange(word_, {});
        if (!word.empty() && words_.size() < most_ && seen_.insert(word).second)
            words_.push_back(std::move(word));
    }
    std::vector<std::string> take() { return std::move(words_); }

  private:
    std::size_t most_;
    std::string word_;
    bool is_cut_ = false;
    std::set<std::string> seen_;
    std::vector<std::string> words_;
};

void append_quoted(std::string& out, char quote, std::string_view word) {
    out += quote;
    for (const char c : word) {
        if (c == quote) out += quote;
        out += c;
    }
    out += quote;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text, std::size_t most) {
    const std::string folded = fold_case(text);
    std::string_view rest = folded;
    Words words(most);
    while (!rest.empty()) {
        const CodePoint next = decode_code_point(rest);
        const bool is_alone = next.is_valid && is_in(words_by_themselves, next.value);
        const bool is_separator = !next.is_valid || is_in(separators, next.value);
        if (is_alone || is_separator) words.end();
        if (!is_separator) words.add(rest.substr(0, next.size_bytes));
        if (is_alone) words.end();
        rest.remove_prefix(next.size_bytes);
    }
    words.end();
    return words.take();
}

std::string join_words(std::span<const std::string> words) {
    std::string joined;
    for (const std::string& word : words) {
        if (!joined.empty()) joined += ' ';
        joined += word;
    }
    return joined;
}

std::string tenant_word(const TenantId& tenant) {
    return '@' + to_hex(std::span(reinterpret_cast<const std::uint8_t*>(tenant.text().data()),
                                  tenant.text().size()));
}

std::string render_match(db::EngineKind engine, const TenantId& tenant, std::span<const std::string> words) {
    const bool is_sqlite = engine == db::EngineKind::sqlite;
    const char quote = is_sqlite ? '"' : '\'';
    std::string match;
    append_quoted(match, quote, tenant_word(tenant));
    for (const std::string& word : words) {
        match += is_sqlite ? " AND " : " & ";
        append_quoted(match, quote, word);
        match += is_sqlite ? " *" : ":*";
    }
    return match;
}

}  // namespace lodestone::packages
