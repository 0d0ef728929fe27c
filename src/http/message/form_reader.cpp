// Content is passed on as it comes, but for the bytes at a piece's end that may begin a delimiter: these are
// known, so they are counted, not kept.
#include "http/message/form_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"
#include "http/message/field_lines.hpp"
#include "http/message/headers.hpp"
#include "http/message/parameters.hpp"

namespace lodestone::http {

namespace {

[[noreturn]] void refuse(std::string_view what) {
    throw Problem(problems::malformed_request,
                  "The form " + std::string(what) + ": send it as RFC 7578 writes it.");
}

// RFC 2046 §5.1.1 bchars, the last of which is no space.
bool is_boundary(std::string_view text) {
    const auto is_fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= limits::form_boundary_bytes && text.back() != ' ' &&
           std::ranges::all_of(text, is_fine);
}

void check_text(std::string_view text) {
    if (!is_utf8(text)) refuse("has a part whose name is no UTF-8");
    if (std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }))
        refuse("has a part whose name has control characters");
}

void read_disposition(std::string_view value, FormPart& part) {
    const auto members = split_outside_quotes(value, ';');
    if (members.size() > limits::header_parameters || !equals_ignoring_case(members.front(), "form-data"))
        refuse("has a part that is no form-data");
    bool has_name = false;
    for (std::size_t i = 1; i < members.size(); ++i) {
        auto parameter = parse_parameter(members[i]);
        if (!parameter) refuse("has a part whose Content-Disposition is malformed");
        check_text(parameter->value);
        if (equals_ignoring_case(parameter->name, "name")) {
            if (has_name) refuse("has a part with two names");
            has_name = true;
            part.name = std::move(parameter->value);
        } else if (equals_ignoring_case(parameter->name, "filename")) {
            if (part.file_name) refuse("has a part with two file names");
            part.file_name = std::move(parameter->value);
        } else if (equals_ignoring_case(parameter->name, "filename*")) {
            refuse("has a part with a filename*, in place of a filename in UTF-8");
        }
    }
    if (!has_name || part.name.empty()) refuse("has a part without a name");
}

// RFC 7578 §4.7: nobody should send it. What changes nothing does no harm.
void check_encoding(std::string_view encoding) {
    for (const std::string_view plain : {"7bit", "8bit", "binary"})
        if (equals_ignoring_case(encoding, plain)) return;
    refuse("has a part with a Content-Transfer-Encoding");
}

}  // namespace

std::optional<std::string> parse_form_boundary(std::string_view content_type) {
    const auto members = split_outside_quotes(content_type, ';');
    if (members.size() > limits::header_parameters ||
        !equals_ignoring_case(members.front(), "multipart/form-data"))
        return std::nullopt;
    std::optional<std::string> boundary;
    for (std::size_t i = 1; i < members.size(); ++i) {
        auto parameter = parse_parameter(members[i]);
        if (!parameter) return std::nullopt;
        if (!equals_ignoring_case(parameter->name, "boundary")) continue;
        if (boundary) return std::nullopt;
        boundary = std::move(parameter->value);
    }
    if (!boundary || !is_boundary(*boundary)) return std::nullopt;
    return boundary;
}

FormPart parse_form_part(std::string_view head) {
    FormPart part;
    bool has_disposition = false, has_type = false;
    std::size_t scanned_bytes = 0;
    std::string whole(head);
    whole += "\r\n";
    const HeadEnd end = find_head_end(whole, scanned_bytes);
    if (end.fault != LineFault::none || end.at != whole.size())
        refuse("has a part whose head is no lines that end with CR LF");
    while (!head.empty()) {
        const FieldLine line = take_field_line(head);
        if (line.fault != LineFault::none) refuse("has a part with a malformed header");
        if (equals_ignoring_case(line.field.name, "content-disposition")) {
            if (std::exchange(has_disposition, true)) refuse("has a part with two Content-Dispositions");
            read_disposition(line.field.value, part);
        } else if (equals_ignoring_case(line.field.name, "content-type")) {
            if (std::exchange(has_type, true)) refuse("has a part with two Content-Types");
            part.content_type = line.field.value;
        } else if (equals_ignoring_case(line.field.name, "content-transfer-encoding")) {
            check_encoding(line.field.value);
        }
    }
    if (!has_disposition) refuse("has a part without a Content-Disposition");
    return part;
}

FormReader::FormReader(std::string_view boundary, Listener& listener)
    : delimiter_("\r\n--" + std::string(boundary)), listener_(listener) {
    if (!is_boundary(boundary)) refuse("has no boundary that can be one");
}

void FormReader::feed(std::string_view piece) {
    while (!piece.empty()) {
        switch (state_) {
            case State::opening: piece = read_opening(piece); break;
            case State::behind_boundary: piece = read_behind_boundary(piece); break;
            case State::head: piece = read_head(piece); break;
            case State::content: piece = read_content(piece); break;
            case State::behind_end: piece = read_behind_end(piece); break;
            case State::done: refuse("goes on behind its last boundary");
        }
    }
}

void FormReader::finish() const {
    const bool is_whole = state_ == State::done || (state_ == State::behind_end && head_.empty());
    if (!is_whole) refuse("is cut off");
}

std::string_view FormReader::read_opening(std::string_view piece) {
    const std::string_view wanted = std::string_view(delimiter_).substr(matched_bytes_, piece.size());
    if (!piece.starts_with(wanted)) refuse("does not begin with its boundary");
    matched_bytes_ += wanted.size();
    if (matched_bytes_ == delimiter_.size()) state_ = State::behind_boundary;
    return piece.substr(wanted.size());
}

// A line's end, or two more hyphens, which are the form's end.
std::string_view FormReader::read_behind_boundary(std::string_view piece) {
    head_ += piece.front();
    if (head_ == "\r\n")
        begin_head();
    else if (head_ == "--") {
        head_.clear();
        state_ = State::behind_end;
    } else if (head_ != "\r" && head_ != "-")
        refuse("has something behind a boundary in its line");
    return piece.substr(1);
}

void FormReader::begin_head() {
    if (++parts_ > limits::form_parts) refuse("has more parts than are taken here");
    head_.clear();
    scanned_bytes_ = 0;
    state_ = State::head;
}

std::string_view FormReader::read_head(std::string_view piece) {
    const std::size_t before = head_.size();
    head_ += piece.substr(0, limits::form_head_bytes - before);
    const HeadEnd end = find_head_end(head_, scanned_bytes_);
    if (end.fault != LineFault::none) refuse("has a part whose head is no lines that end with CR LF");
    if (end.at == std::string_view::npos) {
        if (head_.size() == limits::form_head_bytes) refuse("has a part with too long a head");
        return {};
    }
    const FormPart part = parse_form_part(std::string_view(head_).substr(0, end.at - 2));
    head_.clear();
    matched_bytes_ = 0;
    state_ = State::content;
    listener_.begin_part(part);
    return piece.substr(end.at - before);
}

// The piece before ended with the beginning of a delimiter, or so it seemed.
std::string_view FormReader::read_on_matching(std::string_view piece) {
    const std::string_view wanted = std::string_view(delimiter_).substr(matched_bytes_, piece.size());
    const auto [differs, unused] = std::ranges::mismatch(wanted, piece);
    const auto same_bytes = static_cast<std::size_t>(differs - wanted.begin());
    if (same_bytes == wanted.size()) {
        matched_bytes_ += same_bytes;
        return piece.substr(same_bytes);
    }
    listener_.take_bytes(std::string_view(delimiter_).substr(0, matched_bytes_));
    matched_bytes_ = 0;
    return piece;  // which may begin with a delimiter of its own
}

std::string_view FormReader::read_content(std::string_view piece) {
    if (matched_bytes_ > 0) {
        piece = read_on_matching(piece);
    } else if (const std::size_t at = piece.find(delimiter_); at != std::string_view::npos) {
        if (at > 0) listener_.take_bytes(piece.substr(0, at));
        matched_bytes_ = delimiter_.size();
        piece.remove_prefix(at + delimiter_.size());
    } else {
        const std::size_t last = piece.rfind('\r');
        const bool may_begin = last != std::string_view::npos && delimiter_.starts_with(piece.substr(last));
        const std::size_t certain = may_begin ? last : piece.size();
        if (certain > 0) listener_.take_bytes(piece.substr(0, certain));
        matched_bytes_ = piece.size() - certain;
        piece = {};
    }
    if (matched_bytes_ == delimiter_.size()) {
        listener_.end_part();
        state_ = State::behind_boundary;
    }
    return piece;
}

// One line's end may follow; most clients write it.
std::string_view FormReader::read_behind_end(std::string_view piece) {
    head_ += piece.front();
    if (!std::string_view("\r\n").starts_with(head_)) refuse("goes on behind its last boundary");
    if (head_.size() == 2) state_ = State::done;
    return piece.substr(1);
}

}  // namespace lodestone::http
