// Boost's parser tells what it meets; the values are stacked up here, where the names of each open object are
// known.
#include "api/json_body.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <set>
#include <vector>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"

namespace lodestone::api {

namespace {

namespace json = boost::json;
using json::error_code;

// Boost compares names only when an object is made, and then takes the last: a client that sends a name twice
// has made a mistake, or hopes that somebody before us read the first.
class StackingHandler {
  public:
    static constexpr std::size_t max_object_size = limits::json_body_bytes;
    static constexpr std::size_t max_array_size = limits::json_body_bytes;
    static constexpr std::size_t max_key_size = limits::json_body_bytes;
    static constexpr std::size_t max_string_size = limits::json_body_bytes;

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
    bool on_double(double number, json::string_view, error_code&) {
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

[[noreturn]] void refuse_duplicate(const std::string& pointer) {
    throw Problem(problems::malformed_request,
                  "The body has the field " + pointer + " twice; send each field once.")
        .with_faults({{pointer, "This field stands in the body twice."}});
}

}  // namespace

boost::json::value parse_json_body(std::string_view text) {
    json::parse_options options;
    options.max_depth = limits::json_depth;
    json::basic_parser<StackingHandler> parser(options);
    error_code error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (!error && read < text.size()) error = json::error::extra_data;
    if (!parser.handler().duplicate().empty()) refuse_duplicate(parser.handler().duplicate());
    if (error == json::error::too_deep)
        throw Problem(problems::malformed_request,
                      "The body's JSON is nested too deeply: " + std::to_string(limits::json_depth) +
                          " levels are the most.");
    if (error)
        throw Problem(problems::malformed_request,
                      "The body is not JSON: " + error.message() + " at byte " + std::to_string(read) + ".");
    return parser.handler().take();
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

}  // namespace lodestone::api
