// SQL as a row of tokens, as far as a migration runner has to understand it: what is quoted, what is a
// comment, where a word begins. Knows both engines' habits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "db/statement.hpp"

namespace lodestone::db {

enum class TokenKind : std::uint8_t {
    word,     // keyword or plain identifier
    name,     // quoted identifier
    text,     // a string, dollar-quoted ones too
    number,   // also $1
    sign,     // one character of anything else
    comment,  // with its marks
    broken,   // quoted or commented, and the text ended before it did
    end,
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::string_view text{};  // as it stands in the file
    std::size_t offset = 0;

    bool is_sign(char sign) const { return kind == TokenKind::sign && text.front() == sign; }
    // Whether it is this keyword, given in capitals.
    bool is_word(std::string_view keyword) const;
};

class SqlLexer {
  public:
    SqlLexer(std::string_view text, EngineKind engine) : text_(text), engine_(engine) {}

    // The next token; spaces are skipped. At the end, and ever after, TokenKind::end.
    Token next();
    // The same without comments.
    Token next_significant();

  private:
    std::size_t find_token_end(TokenKind& kind) const;
    std::size_t find_comment_end(TokenKind& kind) const;
    std::size_t find_quote_end(std::size_t from, char quote, bool has_escapes, TokenKind& kind) const;
    std::size_t find_dollar_end(TokenKind& kind) const;
    std::size_t find_word_end() const;
    std::size_t find_number_end() const;
    char at(std::size_t offset) const { return offset < text_.size() ? text_[offset] : '\0'; }
    bool is_postgres() const { return engine_ == EngineKind::postgres; }

    std::string_view text_;
    EngineKind engine_;
    std::size_t at_ = 0;
};

// The tokens with one space between them, without comments, words in small letters: two spellings of one
// thing become the same text.
std::string flatten_sql(std::string_view text, EngineKind engine);

}  // namespace lodestone::db
