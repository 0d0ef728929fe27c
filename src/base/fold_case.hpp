// Names that differ only in case count as one: what is compared, sorted and searched is the folded form.
#pragma once

#include <string>
#include <string_view>

namespace lodestone {

// Unicode's simple case folding: one code point becomes one, in every script that has cases, the same on
// every machine. It does no more than that: "ß" is not "ss", and an accent written as a character of its own
// is not the accented letter. What is not UTF-8 stays as it is.
std::string fold_case(std::string_view text);

}  // namespace lodestone
