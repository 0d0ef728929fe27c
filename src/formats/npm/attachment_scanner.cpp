// One byte after the other outside of the base64, whole pieces within.
#include "formats/npm/attachment_scanner.hpp"

#include <algorithm>

#include "base/npm_limits.hpp"
#include "base/problem.hpp"

namespace lodestone::formats::npm {

namespace {

// Where the text ends or has an escape; its size if neither is in it. (find_first_of() looks each character
// up in the set by a call.) In stretches, so that one escape after the other does not have the quote behind
// all of them looked for each time.
std::size_t find_mark(std::string_view piece) {
    constexpr std::size_t stretch = 256;
    for (std::size_t start = 0; start < piece.size(); start += stretch) {
        const std::string_view part = piece.substr(start, stretch);
        const std::size_t quote = std::min(part.find('"'), part.size());
        const std::size_t mark = std::min(part.substr(0, quote).find('\\'), quote);
        if (mark < part.size()) return start + mark;
    }
    return piece.size();
}

[[noreturn]] void refuse_base64() {
    throw Problem(problems::invalid_input, "The tarball in _attachments is no base64: publish it again.");
}

}  // namespace

void AttachmentScanner::take(std::string_view piece) {
    while (!piece.empty()) {
        if (state_ == State::within)
            take_inside(piece);
        else
            take_outside(piece);
    }
}

void AttachmentScanner::keep(std::string_view text) {
    if (document_.size() + text.size() > limits::npm_document_bytes)
        throw Problem(problems::body_too_large,
                      "What describes the package is larger than 8 MiB without its tarball: leave some of it "
                      "out of package.json.");
    document_ += text;
}
static_assert(limits::npm_document_bytes == 8 * limits::mib, "the sentence above says so");

void AttachmentScanner::take_outside(std::string_view& piece) {
    std::size_t size = 0;
    while (size < piece.size() && state_ != State::within) {
        const char c = piece[size++];
        if (is_in_text_)
            take_text(c);
        else
            take_mark(c);
    }
    keep(piece.substr(0, size));
    piece.remove_prefix(size);
}

void AttachmentScanner::take_text(char c) {
    const std::size_t depth = is_object_.size();
    if (!is_escaped_ && c == '"') {
        is_in_text_ = false;
        return;
    }
    is_escaped_ = !is_escaped_ && c == '\\';
    if (!is_name_ || depth == 0 || depth > 3) return;
    std::string& name = names_[depth - 1];
    if (name.size() < limits::npm_key_bytes) name += c;
}

// _attachments/….tgz/data is the one text that is not kept. Its names are compared as they are written: who
// writes them with escapes has the text kept, and is refused for it.
void AttachmentScanner::open_text() {
    is_in_text_ = true;
    is_name_ = awaits_name_;
    const std::size_t depth = is_object_.size();
    if (is_name_ && depth >= 1 && depth <= 3) names_[depth - 1].clear();
    const bool is_tarball = !is_name_ && depth == 3 && is_object_[0] && is_object_[1] && is_object_[2] &&
                            names_[0] == "_attachments" && names_[1].ends_with(".tgz") && names_[2] == "data";
    if (!is_tarball) return;
    if (state_ == State::had)
        throw Problem(problems::invalid_input,
                      "There are two tarballs in _attachments: publish one version at a time.");
    state_ = State::within;
}

void AttachmentScanner::take_mark(char c) {
    switch (c) {
        case '"': return open_text();
        case '{':
        case '[':
            if (is_object_.size() > limits::npm_document_depth)
                throw Problem(problems::invalid_input,
                              "The document that describes the package is nested too deeply.");
            is_object_.push_back(c == '{');
            awaits_name_ = c == '{';
            return;
        case '}':
        case ']':
            if (!is_object_.empty()) is_object_.pop_back();
            awaits_name_ = false;
            return;
        case ':': awaits_name_ = false; return;
        case ',': awaits_name_ = !is_object_.empty() && is_object_.back(); return;
        default: return;
    }
}

// Up to the quote that ends it. Some encoders write "\/" for a slash.
void AttachmentScanner::take_inside(std::string_view& piece) {
    if (is_escaped_) {
        if (piece.front() != '/') refuse_base64();
        is_escaped_ = false;
        if (!base64_.add("/", decoded_)) refuse_base64();
        piece.remove_prefix(1);
    }
    const std::size_t size = find_mark(piece);
    if (!base64_.add(piece.substr(0, size), decoded_)) refuse_base64();
    piece.remove_prefix(size);
    sink_.append(decoded_);
    decoded_.clear();
    if (piece.empty()) return;
    is_escaped_ = piece.front() == '\\';
    if (!is_escaped_) {
        if (!base64_.is_whole()) refuse_base64();
        is_in_text_ = false;
        state_ = State::had;
        keep("\"");
    }
    piece.remove_prefix(1);
}

}  // namespace lodestone::formats::npm
