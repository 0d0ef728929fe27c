// Archives: what is read of good ones, and which are refused, with which sentence.
#include "packages/archive/archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "packages/archive/archive_path.hpp"
#include "support/made_archives.hpp"

namespace lodestone::packages {
namespace {

using test::MadeEntry;
using test::RawMember;
using test::RawZip;
using test::tar_end;
using test::tar_entry;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using enum ArchiveFormat;

// "path kind size", with the content of files.
std::vector<std::string> list(std::string_view bytes, ArchiveFormat format,
                              const ArchiveLimits& limits = {}) {
    std::vector<std::string> listed;
    read_archive(test::source_of(bytes, format), limits,
                 [&](const ArchiveEntry& entry, EntryReader& content) {
                     std::string line = entry.path;
                     if (entry.kind == EntryKind::folder) line += "/";
                     if (entry.kind == EntryKind::symlink) line += " -> " + entry.target;
                     if (entry.kind == EntryKind::hardlink) line += " => " + entry.target;
                     if (entry.kind == EntryKind::file) line += ": " + content.read(64 << 20);
                     listed.push_back(line);
                 });
    return listed;
}

std::string refusal_of(std::string_view bytes, ArchiveFormat format, const ArchiveLimits& limits = {}) {
    try {
        list(bytes, format, limits);
    } catch (const Problem& problem) {
        EXPECT_EQ(problem.kind().code, "invalid-input");
        return problem.detail() + " [" + problem.internal() + "]";
    }
    return "taken";
}

TEST(Archive, ReadsWhatToolsMake) {
    for (const ArchiveFormat format : {tar_gz, zip}) {
        const std::string made =
            test::make_archive(format, {{"a", "", AE_IFDIR, {}},
                                        {"a/b.txt", "text", AE_IFREG, {}},
                                        {"a/empty", "", AE_IFREG, {}},
                                        {"a/link", "", AE_IFLNK, "b.txt"},
                                        {"long/" + std::string(200, 'x'), "long", AE_IFREG, {}}});
        EXPECT_THAT(list(made, format), ElementsAre("a/", "a/b.txt: text", "a/empty: ", "a/link -> b.txt",
                                                    "long/" + std::string(200, 'x') + ": long"));
    }
}

TEST(Archive, ReadsTarsAsTheyCome) {
    const std::string one = tar_entry("a/b", "text");
    EXPECT_THAT(list(test::gzip(one + tar_end), tar_gz), ElementsAre("a/b: text"));
    EXPECT_THAT(list(test::gzip(one), tar_gz), ElementsAre("a/b: text")) << "an end is often forgotten";
    EXPECT_THAT(list(test::gzip(one + std::string(9000, '\0')), tar_gz), ElementsAre("a/b: text"));
    EXPECT_THAT(list(test::gzip(one + tar_end) + std::string(70'000, '\0'), tar_gz),
                ElementsAre("a/b: text"));
    EXPECT_THAT(list(test::gzip(tar_entry("./", "", '5') + tar_entry("./a/b", "x") + tar_end), tar_gz),
                ElementsAre("a/b: x"));
    EXPECT_THAT(list(test::gzip(one + one + tar_end), tar_gz), ElementsAre("a/b: text", "a/b: text"));
    EXPECT_THAT(list(test::gzip(tar_entry("a/\xc3\xa9", "x") + tar_end), tar_gz),
                ElementsAre("a/\xc3\xa9: x"));
    EXPECT_THAT(list(test::gzip(tar_end), tar_gz), ElementsAre());
    const std::string made = test::make_archive(tar_gz, {{"a", "x", AE_IFREG, {}}, {"b", "", AE_IFREG, "a"}});
    EXPECT_THAT(list(made, tar_gz), ElementsAre("a: x", "b => a"));
}

TEST(Archive, TakesLinksThatStayWhereTheyAre) {
    const auto outcome = [](const std::vector<MadeEntry>& entries, const ArchiveLimits& limits = {}) {
        return refusal_of(test::make_archive(tar_gz, entries), tar_gz, limits);
    };
    const auto symlink = [](const std::string& path, const std::string& target) {
        return MadeEntry{path, "", AE_IFLNK, target};
    };
    const MadeEntry file{"a/b", "x", AE_IFREG, {}};
    for (const auto& [path, target] : std::vector<std::pair<std::string, std::string>>{
             {"a/l", "b"}, {"a/l", "./c/d"}, {"a/c/l", "../b"}, {"a/c/d/l", "../../b/e"}, {"l", "b"}})
        EXPECT_EQ(outcome({file, symlink(path, target)}), "taken") << path << target;
    for (const auto& [path, target] : std::vector<std::pair<std::string, std::string>>{{"a/l", "/etc/passwd"},
                                                                                       {"a/l", ".."},
                                                                                       {"a/l", "../a/b"},
                                                                                       {"a/l", "c/../../b"},
                                                                                       {"a/l", "c/.."},
                                                                                       {"l", "../b"},
                                                                                       {"a/c/l", "../../b"},
                                                                                       {"a/l", "c:b"},
                                                                                       {"a/l", "c\\b"},
                                                                                       {"a/l", "..//../b"}})
        EXPECT_THAT(outcome({file, symlink(path, target)}), HasSubstr("leads out")) << path << target;
    EXPECT_EQ(outcome({file, {"a/h", "", AE_IFREG, "a/b"}}), "taken");
    EXPECT_THAT(outcome({file, {"c/h", "", AE_IFREG, "a/b"}}), HasSubstr("leads out of its folder (c/h)"));
    EXPECT_THAT(outcome({file, {"a/h", "", AE_IFREG, "../b"}}), HasSubstr("leads out"));
    EXPECT_THAT(outcome({symlink("a/l", "b"), {"a/l/c", "x", AE_IFREG, {}}}), HasSubstr("below one (a/l/c)"));
    EXPECT_THAT(outcome({symlink("a/l", "b"), {"a/l", "x", AE_IFREG, {}}}), HasSubstr("in place of a link"));
    EXPECT_THAT(outcome({symlink("a/L", "b"), {"a/l/c", "x", AE_IFREG, {}}}), HasSubstr("below one (a/l/c)"));
    EXPECT_THAT(outcome({symlink("a/l", "b"), {"a/h", "", AE_IFREG, "a/l"}}),
                HasSubstr("in place of a link"));
    EXPECT_THAT(outcome({file, symlink("a/l", "b")}, {.links = LinkRule::refused}),
                HasSubstr("has a link that is not taken here (a/l)"));
    EXPECT_THAT(outcome({file, {"a/h", "", AE_IFREG, "a/b"}}, {.links = LinkRule::refused}),
                HasSubstr("has a link that is not taken here (a/h)"));
    for (const char type : {'3', '4', '6'})
        EXPECT_THAT(refusal_of(test::gzip(tar_entry("a/pipe", "", type) + tar_end), tar_gz),
                    HasSubstr("has an entry that is no file, folder or link (a/pipe)"));
    const std::string zipped = test::make_archive(zip, {file, symlink("a/l", "../../b")});
    EXPECT_THAT(refusal_of(zipped, zip), HasSubstr("leads out"));
}

TEST(Archive, ReadsNamesOfPaxAsTheyAreWritten) {
    const std::string composed = "a/\xc3\xa9", decomposed = "a/e\xcc\x81";
    for (const std::string& name : {composed, decomposed}) {
        const std::string record = std::to_string(9 + name.size()) + " path=" + name + "\n";
        const std::string tar = tar_entry("PaxHeaders/x", record, 'x') + tar_entry("a/other", "x") + tar_end;
        EXPECT_THAT(list(test::gzip(tar), tar_gz), ElementsAre(name + ": x"));
    }
}

TEST(Archive, RefusesTarsThatAreNone) {
    const std::string tar = tar_entry("a/b", "text") + tar_end;
    const std::string good = test::gzip(tar);
    EXPECT_THAT(refusal_of("", tar_gz), HasSubstr("is cut off"));
    EXPECT_THAT(refusal_of(tar, tar_gz), HasSubstr("is not compressed by gzip"));
    EXPECT_THAT(refusal_of(RawZip().make({{.name = "a", .content = "b"}}), tar_gz), HasSubstr("gzip"));
    EXPECT_THAT(refusal_of(test::gzip("no tar at all"), tar_gz), HasSubstr("damaged, or no such archive"));
    EXPECT_THAT(refusal_of(test::gzip(good), tar_gz), HasSubstr("damaged, or no such archive"));
    EXPECT_THAT(refusal_of(good + "x", tar_gz), HasSubstr("has bytes behind its end"));
    EXPECT_THAT(refusal_of(good + std::string("\0x", 2), tar_gz), HasSubstr("has bytes behind its end"));
    EXPECT_THAT(refusal_of(test::gzip(tar + tar), tar_gz), HasSubstr("goes on behind its end"));
    EXPECT_THAT(refusal_of(good + good, tar_gz), HasSubstr("has bytes behind its end"));
    EXPECT_THAT(refusal_of(test::gzip(tar_entry("a/b", "text")) + test::gzip(tar_end), tar_gz),
                HasSubstr("has bytes behind its end"))
        << "not all programs read on there";
    for (std::size_t size = 0; size < good.size(); ++size)
        ASSERT_THAT(refusal_of(good.substr(0, size), tar_gz), HasSubstr("The archive ")) << size;
    std::string damaged = good;
    damaged[damaged.size() - 6] ^= 1;  // of the sum
    EXPECT_THAT(refusal_of(damaged, tar_gz), HasSubstr("does not say what its sums say"));
}

TEST(Archive, RefusesTarsThatAreCutOffInside) {
    const std::string tar = tar_entry("a/b", std::string(2000, 'x'));
    for (const std::size_t size : {100u, 511u, 513u, 600u, 2000u})
        EXPECT_THAT(refusal_of(test::gzip(tar.substr(0, size)), tar_gz), HasSubstr("damaged")) << size;
}

TEST(Archive, RefusesBombs) {
    const std::string large = test::gzip(tar_entry("a", std::string(20 << 20, '\0')) + tar_end);
    EXPECT_THAT(refusal_of(large, tar_gz), HasSubstr("unpacks to far more than it is itself"));
    EXPECT_THAT(refusal_of(large, tar_gz, {.unpacked_bytes = 1 << 20}),
                HasSubstr("unpacks to more than is taken here"));
    const std::string header = test::gzip(tar_entry("x", std::string(4 << 20, 'a'), 'x') + tar_end);
    EXPECT_THAT(refusal_of(header, tar_gz), HasSubstr("damaged"));
    const std::string many =
        test::make_archive(zip, {{"a", "", AE_IFREG, {}}, {"b", "", AE_IFREG, {}}, {"c", "", AE_IFREG, {}}});
    EXPECT_THAT(refusal_of(many, zip, {.entries = 2}), HasSubstr("more entries than are taken"));
    const std::string packed = test::make_archive(zip, {{"a", std::string(20 << 20, '\0'), AE_IFREG, {}}});
    EXPECT_THAT(refusal_of(packed, zip), HasSubstr("unpacks to far more than it is itself"));
    EXPECT_THAT(refusal_of(packed, zip, {.unpacked_bytes = 1 << 20}),
                HasSubstr("unpacks to more than is taken here"));
}

TEST(Archive, ReadsNoMoreOfAFileThanIsAskedFor) {
    const std::string made = test::make_archive(zip, {{"a", std::string(1001, 'x'), AE_IFREG, {}}});
    const auto read = [&](std::uint64_t limit_bytes) {
        read_archive(test::source_of(made, zip), {},
                     [&](const ArchiveEntry&, EntryReader& content) { content.read(limit_bytes); });
    };
    EXPECT_NO_THROW(read(1001));
    try {
        read(1000);
        ADD_FAILURE() << "it was read";
    } catch (const Problem& problem) {
        EXPECT_THAT(problem.detail(), HasSubstr("The file a in the archive is larger than the 1000 bytes"));
    }
}

TEST(Archive, ThrowsWhatItsSourceThrows) {
    const ArchiveSource source{.read_at = [](std::uint64_t, std::span<std::byte>) -> std::size_t {
                                   throw Problem(problems::unavailable, "The disk is away.");
                               },
                               .size_bytes = 100,
                               .format = tar_gz};
    EXPECT_THROW(read_archive(source, {}, [](const ArchiveEntry&, EntryReader&) {}), Problem);
}

TEST(Archive, RefusesNames) {
    const std::vector<std::pair<std::string, std::string>> names{
        {"/etc/passwd", "is absolute"},
        {"c:x", "is absolute"},
        {"../x", "leads out"},
        {"a/../../x", "leads out"},
        {"a/..", "leads out"},
        {"a\\b", "has a backslash"},
        {"a\nb", "has control characters"},
        {"a\x7f", "has control characters"},
        {"a/\xff", "is no UTF-8"},
        {"a//b", "empty or a dot"},
        {"a/./b", "empty or a dot"},
        {"./", ""},
        {"//", "is absolute"},
        {".//", "is empty"},
        {std::string(limits::archive_path_bytes + 1, 'x'), "is too long"},
        {"", "is empty"},
        {"a..b/...", ""},
        {"..a", ""}};
    for (const auto& [name, why] : names) {
        std::string said;
        try {
            check_archive_path(name);
        } catch (const Problem& problem) {
            said = problem.detail();
        }
        EXPECT_EQ(said.empty(), why.empty()) << name << said;
        EXPECT_THAT(said, HasSubstr(why)) << name;
        if (why.empty() || name.empty() || name.size() > 100) continue;
        EXPECT_THAT(refusal_of(test::gzip(tar_entry(name, name.ends_with('/') ? "" : "x") + tar_end), tar_gz),
                    HasSubstr(why));
        EXPECT_THAT(refusal_of(RawZip().make({{.name = name, .content = ""}}), zip), HasSubstr(why));
    }
    EXPECT_THAT(refusal_of(RawZip().make({{.name = std::string("a\0b", 3), .content = "x"}}), zip),
                HasSubstr("control characters"));
}

}  // namespace
}  // namespace lodestone::packages
