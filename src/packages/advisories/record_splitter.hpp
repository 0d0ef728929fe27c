// Cuts a text into the records in it, while it comes: one, one on each line, or one behind the other however
// they are laid out, also as a list. Holds no more than the record that it is in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::packages {

struct RawRecord {
    std::string where;  // for a fault: "record 17", or the file's name
    std::string text;
    std::string fault{};  // one clause about it; then there is no text
};

// What is broken ends where JSON cannot go on: at a line's end within a text, or where the next line begins
// an object that nothing announces. So a line that was cut off costs one record, not all that follow.
class RecordSplitter {
  public:
    void add(std::string_view text);
    // Nothing comes any more.
    void finish();

    std::size_t ready_count() const { return ready_.size(); }
    std::size_t ready_bytes() const { return ready_bytes_; }
    std::vector<RawRecord> take_ready();

  private:
    enum class State : std::uint8_t { between, within, beside };

    void take(char c);
    void take_between(char c);
    void take_within(char c);
    void take_in_text(char c);
    void begin();
    void keep(char c);
    void end(std::string_view fault);

    State state_ = State::between;
    std::size_t depth_ = 0;
    bool is_in_text_ = false;
    bool is_escaped_ = false;
    bool is_line_start_ = false;
    bool is_too_long_ = false;
    char last_ = '\0';  // that is no space
    std::string record_;
    std::size_t count_ = 0;
    std::size_t ready_bytes_ = 0;
    std::vector<RawRecord> ready_;
};

}  // namespace lodestone::packages
