// From what was typed to what is bound.
#include "db/search.hpp"

#include "base/fold_case.hpp"

namespace lodestone::db {

Prefix::Prefix(std::string_view typed) : text_(fold_case(typed)) {}

Substring::Substring(std::string_view typed) : text_("%") {
    for (const char c : fold_case(typed)) {
        if (c == '%' || c == '_' || c == '!') text_ += '!';
        text_ += c;
    }
    text_ += '%';
}

}  // namespace lodestone::db
