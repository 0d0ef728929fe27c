// The rules of quoting: https://www.postgresql.org/docs/current/sql-syntax-lexical.html and
// https://www.sqlite.org/lang_keywords.html; where they differ, the engine decides.
#include "db/migrate/sql_lexer.hpp"

#include <algorithm>

namespace lodestone::db {

namespace {

// Not the vertical tab: to SQLite it is none.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char to_upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Every byte outside ASCII may stand in a name, in both engines.
bool is_word_start(char c) {
    return c == '_' || (to_upper(c) >= 'A' && to_upper(c) <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_word_part(char c) {
    return is_word_start(c) || is_digit(c) || c == '$';
}

}  // namespace

bool Token::is_word(std::string_view keyword) const {
    return kind == TokenKind::word &&
           std::ranges::equal(text, keyword, [](char c, char capital) { return to_upper(c) == capital; });
}

Token SqlLexer::next() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    if (at_ == text_.size()) return {.offset = at_};
    Token token{.kind = TokenKind::sign, .offset = at_};
    const std::size_t end = find_token_end(token.kind);
    token.text = text_.substr(at_, end - at_);
    at_ = end;
    return token;
}

Token SqlLexer::next_significant() {
    Token token = next();
    while (token.kind == TokenKind::comment) token = next();
    return token;
}

std::size_t SqlLexer::find_token_end(TokenKind& kind) const {
    const char c = text_[at_];
    if ((c == '-' && at(at_ + 1) == '-') || (c == '/' && at(at_ + 1) == '*')) return find_comment_end(kind);
    if (c == '\'' || c == '"' || (c == '`' && !is_postgres())) {
        kind = c == '\'' ? TokenKind::text : TokenKind::name;
        return find_quote_end(at_, c, false, kind);
    }
    if (c == '[' && !is_postgres()) {
        kind = TokenKind::name;
        const auto closing = text_.find(']', at_);
        if (closing != text_.npos) return closing + 1;
        kind = TokenKind::broken;
        return text_.size();
    }
    if (c == '$' && is_postgres() && !is_digit(at(at_ + 1))) return find_dollar_end(kind);
    if (is_digit(c) || (c == '$' && is_digit(at(at_ + 1)))) {
        kind = TokenKind::number;
        return find_number_end();
    }
    if (!is_word_start(c)) return at_ + 1;
    if (is_postgres() && to_upper(c) == 'E' && at(at_ + 1) == '\'') {
        kind = TokenKind::text;
        return find_quote_end(at_ + 1, '\'', true, kind);
    }
    kind = TokenKind::word;
    return find_word_end();
}

// PostgreSQL's comments nest. SQLite's do not, and one that is never closed ends with the text.
std::size_t SqlLexer::find_comment_end(TokenKind& kind) const {
    kind = TokenKind::comment;
    if (text_[at_] == '-') return std::min(text_.find('\n', at_), text_.size());
    std::size_t depth = 1;
    std::size_t at = at_ + 2;
    while (at + 1 < text_.size()) {
        const std::string_view pair = text_.substr(at, 2);
        if (pair == "*/") --depth;
        if (pair == "/*" && is_postgres()) ++depth;
        at += pair == "*/" || (pair == "/*" && is_postgres()) ? 2 : 1;
        if (depth == 0) return at;
    }
    kind = TokenKind::broken;
    return text_.size();
}

// A doubled quote stands for itself, in both engines and in every kind of quotes.
std::size_t SqlLexer::find_quote_end(std::size_t from, char quote, bool has_escapes, TokenKind& kind) const {
    for (std::size_t at = from + 1; at < text_.size(); ++at) {
        if (has_escapes && text_[at] == '\\') {
            ++at;
        } else if (text_[at] == quote) {
            if (this->at(at + 1) != quote) return at + 1;
            ++at;
        }
    }
    kind = TokenKind::broken;
    return text_.size();
}

// $$ … $$ or $tag$ … $tag$; a lone dollar is a sign.
std::size_t SqlLexer::find_dollar_end(TokenKind& kind) const {
    std::size_t after_tag = at_ + 1;
    while (is_word_start(at(after_tag)) || is_digit(at(after_tag))) ++after_tag;
    if (at(after_tag) != '$') return at_ + 1;
    const std::string_view mark = text_.substr(at_, after_tag + 1 - at_);
    const auto closing = text_.find(mark, after_tag + 1);
    kind = closing == text_.npos ? TokenKind::broken : TokenKind::text;
    return closing == text_.npos ? text_.size() : closing + mark.size();
}

std::size_t SqlLexer::find_word_end() const {
    std::size_t end = at_;
    while (end < text_.size() && is_word_part(text_[end])) ++end;
    return end;
}

// Also what follows a number without a space (0x1F, 1e5), so that no keyword is seen in it.
std::size_t SqlLexer::find_number_end() const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && (is_word_part(text_[end]) || text_[end] == '.') && text_[end] != '$') ++end;
    return end;
}

std::string flatten_sql(std::string_view text, EngineKind engine) {
    SqlLexer lexer(text, engine);
    std::string flat;
    for (Token token = lexer.next_significant(); token.kind != TokenKind::end;
         token = lexer.next_significant()) {
        if (!flat.empty()) flat += ' ';
        for (const char c : token.text)
            flat +=
                token.kind == TokenKind::word && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return flat;
}

}  // namespace lodestone::db
