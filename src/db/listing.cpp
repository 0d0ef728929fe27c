// What is wrong with a filter or a sort, in words that help.
#include "db/listing.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"

namespace lodestone::db {

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

void refuse_filter(std::string_view name, const std::vector<std::string_view>& known) {
    throw Problem(problems::invalid_input,
                  "There is no filter " + std::string(name) + "; there are: " + join(known) + ".");
}

void refuse_sort(const std::string& asked, const std::vector<std::string_view>& known) {
    throw Problem(problems::invalid_input,
                  "Nothing is sorted by " + asked + " here; there are: " + join(known) + ".");
}

void refuse_filter_value(std::string_view name, const std::vector<std::string_view>& known) {
    const std::string filter = "The filter " + std::string(name);
    if (known.empty()) throw Problem(problems::invalid_input, filter + " does not take such a value.");
    throw Problem(problems::invalid_input, filter + " takes one of: " + join(known) + ".");
}

void check_filter_texts(const FilterTexts& texts) {
    if (texts.size() > limits::filters_per_list)
        throw Problem(problems::invalid_input, "There are too many filters.");
    for (const auto& [name, text] : texts) {
        if (std::ranges::count(texts, name, &FilterTexts::value_type::first) > 1)
            throw Problem(problems::invalid_input, "The filter " + name + " stands there twice.");
        if (text.size() > limits::filter_bytes || !is_utf8(text) || text.find('\0') != std::string::npos)
            throw Problem(problems::invalid_input,
                          "The value of the filter " + name + " is not UTF-8, or too long.");
    }
}

}  // namespace lodestone::db
