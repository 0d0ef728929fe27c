// Brackets are counted outside of texts; whether what stands between them is JSON, the parser says.
#include "packages/advisories/record_splitter.hpp"

#include <utility>

#include "base/advisory_limits.hpp"

namespace lodestone::packages {

namespace {

constexpr std::string_view spaces = " \t\r\n";
constexpr std::string_view between = " \t\r\n[,]\x1e";  // of a list, and of RFC 7464
constexpr std::string_view announcing = "[,:";          // what an object may follow

bool is_one_of(std::string_view some, char c) {
    return some.find(c) != some.npos;
}

}  // namespace

void RecordSplitter::add(std::string_view text) {
    for (const char c : text) take(c);
}

void RecordSplitter::finish() {
    if (state_ == State::within) end("is cut off");
}

std::vector<RawRecord> RecordSplitter::take_ready() {
    ready_bytes_ = 0;
    return std::exchange(ready_, {});
}

void RecordSplitter::take(char c) {
    switch (state_) {
        case State::between: return take_between(c);
        case State::within: return is_in_text_ ? take_in_text(c) : take_within(c);
        case State::beside:
            if (c == '\n') state_ = State::between;
    }
}

void RecordSplitter::take_between(char c) {
    if (is_one_of(between, c)) return;
    begin();
    if (c == '{') return take_within(c);
    end("is no JSON object");
    state_ = State::beside;
}

void RecordSplitter::take_within(char c) {
    if (c == '{' && is_line_start_ && depth_ > 0 && !is_one_of(announcing, last_)) {
        end("is cut off");
        begin();
    }
    keep(c);
    is_line_start_ = c == '\n';
    if (is_one_of(spaces, c)) return;
    last_ = c;
    if (c == '"')
        is_in_text_ = true;
    else if (c == '{' || c == '[')
        ++depth_;
    else if ((c == '}' || c == ']') && --depth_ == 0)
        end("");
}

void RecordSplitter::take_in_text(char c) {
    if (c == '\n') return end("is cut off within a text");
    keep(c);
    if (is_escaped_)
        is_escaped_ = false;
    else if (c == '\\')
        is_escaped_ = true;
    else if (c == '"')
        is_in_text_ = false;
}

void RecordSplitter::begin() {
    state_ = State::within;
    depth_ = 0;
    is_in_text_ = is_escaped_ = is_line_start_ = is_too_long_ = false;
    last_ = '\0';
    record_.clear();
    ++count_;
}

void RecordSplitter::keep(char c) {
    if (is_too_long_) return;
    if (record_.size() < limits::advisory_record_bytes) {
        record_ += c;
        return;
    }
    is_too_long_ = true;
    record_ = {};
}

void RecordSplitter::end(std::string_view fault) {
    state_ = State::between;
    if (is_too_long_) fault = "is longer than 4 MiB";
    static_assert(limits::advisory_record_bytes == 4 * limits::mib, "the clause above says so");
    RawRecord ended{.where = "record " + std::to_string(count_), .text = {}, .fault = std::string(fault)};
    if (fault.empty()) ended.text = std::move(record_);
    record_ = {};
    ready_bytes_ += ended.text.size();
    ready_.push_back(std::move(ended));
}

}  // namespace lodestone::packages
