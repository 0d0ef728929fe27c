// Boost's parser tells what it meets; the values are stacked up here, where the names of each open object are
// known.
#include "base/strict_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "base/utf8.hpp"

namespace lodestone {

namespace {

namespace json = boost::json;
using json::error_code;

constexpr std::size_t usual_depth = 32;
// Nobody who means well sends more in one object or array, and each costs a hundred times the bytes it has.
constexpr std::size_t most_members = 10'000;
constexpr std::size_t most_elements = 100'000;

// Boost compares names only when an object is made, and then takes the last: a client that sends a name twice
// has made a mistake, or hopes that somebody before us read the first.
class StackingHandler {
  public:
    static constexpr std::size_t max_object_size = most_members;
    static constexpr std::size_t max_array_size = most_elements;
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    json::value take() { return stack_.release(); }
    const std::string& duplicate() const { return duplicate_; }

    bool on_document_begin(error_code&) {
        stack_.reset();
        return true;
    }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) {
        open_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t size, error_code&) {
        open_.pop_back();
        stack_.push_object(size);
        return true;
    }
    bool on_array_begin(error_code&) {
        open_.emplace_back();
        return true;
    }
    bool on_array_end(std::size_t size, error_code&) {
        open_.pop_back();
        stack_.push_array(size);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, error_code&) {
        key_ += std::string_view(part);
        stack_.push_chars(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, error_code& error) {
        key_ += std::string_view(part);
        stack_.push_key(part);
        Level& level = open_.back();
        level.step = std::exchange(key_, {});
        if (level.names.insert(level.step).second) return true;
        for (const Level& one : open_) append_pointer(duplicate_, one.step);
        error = json::error::syntax;
        return false;
    }
    bool on_string_part(json::string_view part, std::size_t, error_code&) {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, error_code&) {
        stack_.push_string(part);
        return true;
    }
    bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, error_code&) {
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, error_code&) {
        stack_.push_uint64(number);
        return true;
    }
    // 1e999 would be written back as a word that is no JSON.
    bool on_double(double number, json::string_view, error_code& error) {
        if (!std::isfinite(number)) {
            error = json::error::exponent_overflow;
            return false;
        }
        stack_.push_double(number);
        return true;
    }
    bool on_bool(bool value, error_code&) {
        stack_.push_bool(value);
        return true;
    }
    bool on_null(error_code&) {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

  private:
    struct Level {
        std::set<std::string> names;
        std::string step;  // where in it we are; of an array nothing is remembered
    };
    json::value_stack stack_;
    std::vector<Level> open_;
    std::string key_;
    std::string duplicate_;
};

}  // namespace

StrictValue parse_strict_value(std::string_view text, std::size_t max_depth) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::basic_parser<StackingHandler> parser(options);
    error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (!error && read < text.size()) error = json::error::extra_data;
    if (!parser.handler().duplicate().empty())
        return {{}, JsonFault::member_twice, parser.handler().duplicate()};
    if (error == json::error::too_deep) return {{}, JsonFault::too_deep, {}};
    if (error) return {{}, JsonFault::no_json, error.message() + " at byte " + std::to_string(read)};
    return {parser.handler().take(), JsonFault::none, {}};
}

StrictJson parse_strict_json(std::string_view text, std::size_t limit_bytes) {
    if (text.size() > limit_bytes) return {{}, "is too long"};
    StrictValue parsed = parse_strict_value(text, usual_depth);
    if (parsed.fault == JsonFault::member_twice) return {{}, "has a member twice"};
    if (!parsed.value) return {{}, "is not JSON"};
    if (!parsed.value->is_object()) return {{}, "is not a JSON object"};
    return {std::move(parsed.value->get_object()), {}};
}

void append_pointer(std::string& pointer, std::string_view name) {
    pointer += '/';
    std::size_t taken = 0;
    while (!name.empty()) {
        const CodePoint next = decode_code_point(name);
        taken += next.size_bytes;
        if (taken > limits::json_fault_name_bytes) {
            pointer += "…";
            return;
        }
        if (name.front() == '~')
            pointer += "~0";
        else if (name.front() == '/')
            pointer += "~1";
        else
            pointer += name.substr(0, next.size_bytes);
        name.remove_prefix(next.size_bytes);
    }
}

}  // namespace lodestone
