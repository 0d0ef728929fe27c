// The document that publishes a package, as it comes: the tarball stands in it in base64, and may be as large
// as the rest is small. So the document is read twice: here, piece by piece, where the tarball's base64 goes
// to a sink and never stands in memory whole, and as strict JSON afterwards, without it.
//
// Pure: pieces in, bytes out. What is no JSON is not noticed here, where it can do no harm: what the scanner
// keeps is the document with an empty text in place of the base64, so that is JSON, and has the same members,
// exactly where the document was and had.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/npm/base64_stream.hpp"

namespace lodestone::formats::npm {

class AttachmentSink {
  public:
    virtual ~AttachmentSink() = default;
    virtual void append(std::string_view bytes) = 0;
};

class AttachmentScanner {
  public:
    explicit AttachmentScanner(AttachmentSink& sink) : sink_(sink) {}

    // Throws Problem(invalid_input) for base64 that is none and for a second tarball, Problem(body_too_large)
    // where the document itself is larger than limits::npm_document_bytes.
    void take(std::string_view piece);

    // The document without what went to the sink.
    const std::string& document() const { return document_; }
    // Whether anything did, and has come to its end.
    bool has_tarball() const { return state_ == State::had; }

  private:
    enum class State : std::uint8_t { before, within, had };

    void take_outside(std::string_view& piece);
    void take_inside(std::string_view& piece);
    void take_text(char c);
    void open_text();
    void take_mark(char c);
    void keep(std::string_view text);

    AttachmentSink& sink_;
    Base64Stream base64_;
    std::string document_;
    std::string decoded_;
    State state_ = State::before;
    std::vector<bool> is_object_;  // of what is open, from the outside inwards
    std::string names_[3];         // of the members on the way, as they are written
    bool is_in_text_ = false;
    bool is_escaped_ = false;
    bool awaits_name_ = false;  // the next text is a member's name
    bool is_name_ = false;      // the text that is open is one
};

}  // namespace lodestone::formats::npm
