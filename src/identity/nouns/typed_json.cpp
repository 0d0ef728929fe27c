// What is wrong with a field of typed JSON, in words that name it.
#include "identity/nouns/typed_json.hpp"

#include <boost/json/parse.hpp>

#include "base/field_problem.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"

namespace lodestone::identity {

namespace {

std::string join(const std::vector<std::string_view>& words) {
    std::string joined;
    for (const std::string_view word : words) {
        if (!joined.empty()) joined += ", ";
        joined += word;
    }
    return joined;
}

}  // namespace

boost::json::object open_object(std::string_view what, std::string_view text) {
    const std::string field(what);
    if (text.size() > limits::metadata_bytes) refuse_field(field, "at most 64 KiB of JSON");
    boost::system::error_code error;
    boost::json::value json = boost::json::parse(text, error);
    if (error || !json.is_object()) refuse_field(field, "a JSON object");
    return std::move(json.get_object());
}
static_assert(limits::metadata_bytes == 64 * limits::kib, "the sentence above says so");

void refuse_field(const std::string& path, std::string_view wish) {
    throw field_problem(path, std::string("must be ").append(wish) + ".");
}

void refuse_unknown_field(const std::string& path, std::string_view name,
                          const std::vector<std::string_view>& known) {
    std::string sentence = "There is no field " + path + ".";
    sentence.append(name).append("; there are: ").append(join(known)).append(".");
    std::string pointer = field_pointer(path);
    append_pointer(pointer, name);  // whatever it holds: it is the client's
    throw Problem(problems::invalid_input, sentence).with_faults({{std::move(pointer), sentence}});
}

void refuse_field_name(const std::string& path, const std::vector<std::string_view>& names) {
    refuse_field(path, "one of: " + join(names));
}

void check_range(const std::string& path, std::int64_t value, std::int64_t least, std::int64_t most) {
    if (value < least || value > most)
        refuse_field(path, "a number from " + std::to_string(least) + " to " + std::to_string(most));
}

void check_range(const std::string& path, std::optional<std::int64_t> value, std::int64_t least,
                 std::int64_t most) {
    if (value) check_range(path, *value, least, most);
}

void check_text(const std::string& path, std::string_view text) {
    if (text.size() > limits::settings_text_bytes || text.find('\0') != std::string_view::npos)
        refuse_field(path, "a text of at most 1 KiB without a NUL character");
}
static_assert(limits::settings_text_bytes == limits::kib, "the sentence above says so");

void check_list_size(const std::string& path, std::size_t entries) {
    if (entries > limits::settings_list_entries) refuse_field(path, "a list of at most 100 entries");
}
static_assert(limits::settings_list_entries == 100, "the sentence above says so");

}  // namespace lodestone::identity
