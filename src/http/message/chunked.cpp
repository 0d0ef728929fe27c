// The chunked coding as a state machine over bytes: it keeps no data, so an endless chunk costs nothing.
#include "http/message/chunked.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "http/message/characters.hpp"

namespace lodestone::http {

namespace {

bool is_field_byte(char c) {
    return is_all({&c, 1}, character::field);
}

bool is_name_byte(char c) {
    return is_all({&c, 1}, character::token);
}

}  // namespace

// Quoted text in an extension may hold ';' but not line ends, so an extension simply runs to its CR.
std::string_view ChunkDecoder::read_size_line(char c) {
    if (++line_bytes_ > limits::chunk_line_bytes) return "A chunk's size line is too long.";
    if (state_ == State::extension) {
        if (c == '\r')
            state_ = State::size_lf;
        else if (!is_field_byte(c))
            return "A chunk's extension has a control character in it.";
        return {};
    }
    if (const int digit = hex_value(c); digit >= 0) {
        if (++digits_ > 15) return "A chunk's size is too large.";
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
        return {};
    }
    if (digits_ == 0) return "A chunk does not begin with its size in hexadecimal.";
    if (c != ';' && c != '\r') return "A chunk's size is followed by something that is no extension.";
    state_ = c == ';' ? State::extension : State::size_lf;
    return {};
}

std::string_view ChunkDecoder::read_trailers(char c) {
    if (++trailer_bytes_ > limits::trailer_bytes) return "The trailer fields are too long.";
    if (state_ == State::trailer_start && c == '\r') {
        state_ = State::end_lf;
        return {};
    }
    if (state_ != State::trailer_line) {
        const bool ends_name = c == ':' && state_ == State::trailer_name;
        if (!ends_name && !is_name_byte(c)) return "A trailer field is malformed.";
        state_ = ends_name ? State::trailer_line : State::trailer_name;
        return {};
    }
    if (c == '\r')
        state_ = State::trailer_lf;
    else if (!is_field_byte(c))
        return "A trailer field has a control character in it.";
    return {};
}

std::string_view ChunkDecoder::read_line_end(char c) {
    if (state_ == State::data_cr) {
        if (c != '\r') return "A chunk's data is longer than its size said.";
        state_ = State::data_lf;
        return {};
    }
    if (c != '\n') return "A line of the chunked body does not end with CR LF.";
    if (state_ == State::size_lf) {
        state_ = remaining_ == 0 ? State::trailer_start : State::data;
        line_bytes_ = digits_ = 0;
    } else if (state_ == State::data_lf) {
        state_ = State::size;
    } else {
        state_ = state_ == State::trailer_lf ? State::trailer_start : State::done;
    }
    return {};
}

ChunkDecoder::Step ChunkDecoder::step(std::string_view input) {
    Step step;
    while (step.consumed < input.size() && state_ != State::done) {
        if (state_ == State::data) {
            const auto size =
                static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size() - step.consumed));
            remaining_ -= size;
            if (remaining_ == 0) state_ = State::data_cr;
            step.data = input.substr(step.consumed, size);
            step.consumed += size;
            return step;
        }
        const char c = input[step.consumed];
        if (state_ == State::size || state_ == State::extension)
            step.fault = read_size_line(c);
        else if (state_ == State::trailer_start || state_ == State::trailer_name ||
                 state_ == State::trailer_line)
            step.fault = read_trailers(c);
        else
            step.fault = read_line_end(c);
        if (!step.fault.empty()) return step;
        ++step.consumed;
    }
    step.is_done = state_ == State::done;
    return step;
}

}  // namespace lodestone::http
