// Tars that two programs read differently, header by header.
#include "packages/archive/tar_headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "support/made_archives.hpp"

namespace lodestone::packages {
namespace {

using test::tar_end;
using test::tar_entry;
using ::testing::HasSubstr;

// In pieces of every size that matters.
std::string refusal_of(const std::string& tar) {
    std::string said;
    for (const std::size_t piece_bytes :
         {std::size_t{1}, std::size_t{511}, std::size_t{512}, std::size_t{4096}}) {
        TarHeaders headers;
        said = "taken";
        try {
            for (std::size_t at = 0; at < tar.size(); at += piece_bytes)
                headers.take(std::string_view(tar).substr(at, piece_bytes));
        } catch (const Problem& problem) {
            EXPECT_EQ(problem.kind().code, "invalid-input");
            said = problem.detail();
        }
    }
    return said;
}

std::string record(const std::string& key, const std::string& value) {
    const std::string rest = " " + key + "=" + value + "\n";
    std::size_t size_bytes = rest.size() + 1;
    while (std::to_string(size_bytes).size() + rest.size() != size_bytes) ++size_bytes;
    return std::to_string(size_bytes) + rest;
}

std::string pax(const std::string& records, char type = 'x') {
    return tar_entry("PaxHeaders/x", records, type);
}

// With its sum made anew.
std::string change(std::string entry, std::size_t at, std::string_view bytes) {
    entry.replace(at, bytes.size(), bytes);
    entry.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : entry.substr(0, 512)) sum += static_cast<unsigned char>(c);
    char digits[8];
    std::snprintf(digits, sizeof digits, "%06o", sum);
    return entry.replace(148, 7, digits, 7);
}

const std::string file = tar_entry("package/package.json", "good");
const std::string hidden = tar_entry("package/package.json", "evil");

TEST(TarHeaders, TakesWhatToolsWrite) {
    const std::string commit = pax(record("comment", "4f2a"), 'g');
    const std::string times = record("mtime", "1.5") + record("uid", "0") + record("SCHILY.dev", "1");
    for (const std::string& tar : {file, commit + file, pax(times + record("path", "package/x")) + file,
                                   pax(record("size", "4")) + file,
                                   tar_entry("././@LongLink", std::string("package/x\0", 10), 'L') + file,
                                   tar_entry("././@LongLink", "a", 'K') +
                                       tar_entry("././@LongLink", "b", 'L') + tar_entry("l", "", '2', "a"),
                                   tar_entry("package/", "", '5') + file, tar_entry("package/", "") + file,
                                   change(file, 257, std::string_view("ustar  \0", 8)),
                                   change(file, 257, std::string(8, '\0')), change(file, 345, "folder")})
        EXPECT_EQ(refusal_of(tar + tar_end), "taken");
}

TEST(TarHeaders, RefusesWhatIsReadInTwoWays) {
    const std::string filler = tar_entry("package/filler", hidden);
    for (const std::string& tar :
         {pax(record("GNU.sparse.name", "package/zz")) + hidden,
          pax(record("SCHILY.realsize", "1")) + hidden,
          pax(record("size", "0"), 'g') + filler,
          pax(record("path", "package/zz"), 'g') + hidden,
          pax(record("size", "0")) + filler,
          pax(record("ignore", "1")) + file,
          pax(record("path", std::string("package/zz\0x", 12))) + hidden,
          pax(record("comment", "x\n" + record("path", "package/zz"))) + hidden,
          pax(record("path", "package/zz") + record("path", "package/y")) + hidden,
          pax(record("path", "")) + hidden,
          pax(record("path", "package/zz")) + pax(record("path", "package/y")) + hidden,
          pax(record("path", "package/zz")) + tar_entry("././@LongLink", "package/y", 'L') + hidden,
          tar_entry("././@LongLink", "package/y", 'L') + pax(record("mtime", "1")) + hidden,
          pax(record("mtime", "1")) + pax(record("comment", "1"), 'g') + hidden,
          tar_entry("././@LongLink", std::string("package/y\0\nz", 12), 'L') + hidden,
          tar_entry("package/x/", hidden),
          tar_entry("package/x", hidden, '5'),
          tar_entry("package/x", hidden, '1', "package/y"),
          pax(record("path", "package/x/")) + filler,
          change(file, 257, std::string_view("ustar\0xx", 8)),
          change(change(file, 257, std::string_view("ustar  \0", 8)), 345, "package"),
          change(file, 50, "x"),
          change(file, 475, "x"),
          change(file, 124, "\x80"),
          change(file, 124, "0 4"),
          change(file, 200, "x")})
        EXPECT_THAT(refusal_of(file + tar + tar_end), HasSubstr("programs read differently"));
}

TEST(TarHeaders, RefusesOtherKindsAndWhatIsDamaged) {
    for (const char type : {'7', 'A', 'D', 'M', 'N', 'S', 'V', 'X', 'Z'})
        EXPECT_THAT(refusal_of(file + tar_entry("a", "", type)), HasSubstr("is no file, folder or link"));
    std::string wrong_sum = file;
    wrong_sum[0] = 'q';
    for (const std::string& tar :
         {wrong_sum, pax("27 path=package/zz\n") + file, pax("x") + file, pax("0 path=x\n") + file,
          pax("999999999999999999999 path=x\n") + file, pax("11 path=abc") + file, pax("") + file,
          pax(record("mtime", "1")), tar_entry("x", std::string(300 * 1024, 'a'), 'x'),
          tar_entry("x", std::string(10, '\0'), 'L') + file})
        EXPECT_THAT(refusal_of(tar + tar_end), HasSubstr("is damaged, or no such archive"));
}

}  // namespace
}  // namespace lodestone::packages
