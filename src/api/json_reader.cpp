// Faults in the client's words.
#include "api/json_reader.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/strict_json.hpp"

namespace lodestone::api {

namespace {

std::string join(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) (text += text.empty() ? "" : ", ") += name;
    return text;
}

std::string summary(const FieldFault& first, std::size_t count) {
    const std::string where = first.pointer.empty() ? "The body" : first.pointer;
    std::string text = where + ": " + first.detail;
    if (count > 1) text += " There are " + std::to_string(count) + " faults in all; see errors.";
    return text;
}

}  // namespace

JsonReader::Step::Step(JsonReader& reader, std::string_view name)
    : reader_(reader), size_before_(reader.pointer_.size()) {
    append_pointer(reader.pointer_, name);
}

void JsonReader::fault(std::string detail) {
    ++fault_count_;
    if (faults_.size() < limits::json_faults) faults_.push_back({pointer_, std::move(detail)});
}

void JsonReader::check_names(const boost::json::object& object, std::span<const std::string_view> known) {
    for (const auto& member : object) {
        const std::string_view name = member.key();
        if (std::ranges::count(known, name) > 0) continue;
        const Step step(*this, name);
        fault(known.empty() ? "There is no such field; there are none."
                            : "There is no such field; those that may be sent are: " + join(known) + ".");
    }
}

const boost::json::string* JsonReader::read_text(const boost::json::value& value, std::size_t least_bytes,
                                                 std::size_t most_bytes) {
    const boost::json::string* text = value.if_string();
    if (text == nullptr) {
        fault("It must be text.");
    } else if (text->size() < least_bytes) {
        fault(text->empty() ? "It cannot be empty."
                            : "It is too short: " + std::to_string(least_bytes) + " bytes are the least.");
    } else if (text->size() > most_bytes) {
        fault("It is too long: " + std::to_string(most_bytes) + " bytes of UTF-8 are the most.");
    } else if (std::string_view(*text).find('\0') != std::string_view::npos) {
        fault("It holds a NUL character.");
    } else {
        return text;
    }
    return nullptr;
}

void JsonReader::finish() {
    if (fault_count_ == 0) return;
    std::string detail = summary(faults_.front(), fault_count_);
    throw Problem(problems::invalid_input, std::move(detail)).with_faults(std::move(faults_));
}

}  // namespace lodestone::api
