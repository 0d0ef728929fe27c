// The steps and refusals that all nouns share.
#include "db/noun.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include "base/field_problem.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"
#include "db/tx.hpp"

namespace lodestone::db {

namespace {

struct CodeRange {
    char32_t first;
    char32_t last;
};
// Controls, what only steers the direction of text, noncharacters, and what Unicode 15 lists as
// Default_Ignorable_Code_Point: joiners, fillers, variation selectors and tags, which programs leave out.
// https://www.unicode.org/Public/15.0.0/ucd/DerivedCoreProperties.txt
constexpr CodeRange invisible[] = {
    {0x0, 0x1F},      {0x7F, 0x9F},     {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},
    {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

bool is_invisible(char32_t c) {
    const bool is_noncharacter = (c & 0xFFFE) == 0xFFFE;
    return is_noncharacter || std::ranges::any_of(invisible, [&](const CodeRange& range) {
               return c >= range.first && c <= range.last;
           });
}

bool is_space(char32_t c) {
    return c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

// Nothing when the name is fine, else the sentence's end: "The name of a tenant …".
const char* find_fault(std::string_view name) {
    if (name.empty()) return "cannot be empty.";
    if (name.size() > limits::name_bytes) return "is too long: 200 bytes of UTF-8 is the most.";
    bool is_after_space = true;  // the beginning counts: no space there either
    while (!name.empty()) {
        const CodePoint next = decode_code_point(name);
        if (!next.is_valid) return "is not UTF-8.";
        if (is_invisible(next.value)) return "holds a character that cannot be seen.";
        if (is_space(next.value) && is_after_space) return "begins with a space, or holds two in a row.";
        is_after_space = is_space(next.value);
        name.remove_prefix(next.size_bytes);
    }
    return is_after_space ? "ends with a space." : nullptr;
}
static_assert(limits::name_bytes == 200, "the sentence above says so");

// "a tenant", "an app", "a user".
std::string with_article(std::string_view kind) {
    const bool is_vowel =
        !kind.empty() && std::string_view("aeio").find(kind.front()) != std::string_view::npos;
    return std::string(is_vowel ? "an " : "a ").append(kind);
}

std::string about(std::string_view kind, std::string_view which) {
    return std::string(kind).append(" ").append(which);
}

}  // namespace

void stamp_new(const Tx& tx, Noun& noun) {
    noun = {.version = 1,
            .created_at = tx.now(),
            .created_by = tx.unit().actor,
            .updated_at = tx.now(),
            .updated_by = tx.unit().actor,
            .deleted_at = {},
            .deleted_by = {}};
}

void stamp_changed(const Tx& tx, Noun& noun, const Noun& before) {
    noun = before;
    ++noun.version;
    noun.updated_at = tx.now();
    noun.updated_by = tx.unit().actor;
}

void stamp_deleted(const Tx& tx, Noun& noun) {
    stamp_changed(tx, noun, Noun(noun));
    noun.deleted_at = noun.updated_at;
    noun.deleted_by = noun.updated_by;
}

void stamp_restored(const Tx& tx, Noun& noun) {
    stamp_changed(tx, noun, Noun(noun));
    noun.deleted_at.reset();
    noun.deleted_by.reset();
}

void refuse_absent(std::string_view kind, std::string_view id) {
    throw Problem(problems::not_found, "There is no " + about(kind, id) + ".");
}

void refuse_outdated(std::string_view kind, std::string_view id) {
    throw Problem(problems::precondition_failed,
                  "Somebody else changed the " + about(kind, id) +
                      " meanwhile: look at it again, then repeat your change.");
}

void refuse_taken_name(std::string_view kind, std::string_view name) {
    throw Problem(problems::conflict, "There is " + with_article(kind).append(" named ").append(name) +
                                          " already; choose another name.");
}

void refuse_taken_meanwhile(std::string_view kind, std::string_view name) {
    throw Problem(problems::conflict, "There is another " + about(kind, "named ").append(name) +
                                          " by now; rename or delete that one first.");
}

void refuse_taken_id(std::string_view kind, std::string_view id) {
    throw Problem(problems::conflict, "There is, or was, " +
                                          with_article(kind).append(" with the id ").append(id) +
                                          "; choose another id.");
}

void check_name(std::string_view kind, std::string_view name, std::string_view field) {
    if (const char* fault = find_fault(name))
        throw field_problem_saying(field, "The name of " + with_article(kind).append(" ").append(fault));
}

void check_metadata(std::string_view metadata) {
    if (metadata.size() > limits::metadata_bytes)
        throw field_problem_saying("metadata", "The metadata is too long: 64 KiB of JSON is the most.");
    boost::system::error_code error;
    const boost::json::value parsed = boost::json::parse(metadata, error);
    if (error || !parsed.is_object())
        throw field_problem_saying("metadata", "The metadata is not a JSON object.");
}
static_assert(limits::metadata_bytes == 64 * limits::kib, "the sentence above says so");

}  // namespace lodestone::db
