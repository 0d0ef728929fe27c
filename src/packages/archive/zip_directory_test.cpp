// Zips put together field by field: what contradicts itself is refused, since of two programs each would read
// something else.
#include "packages/archive/zip_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "support/made_archives.hpp"

namespace lodestone::packages {
namespace {

using test::RawMember;
using test::RawZip;
using ::testing::HasSubstr;

RawMember member(std::string name, std::string content = "text") {
    return {.name = std::move(name), .content = std::move(content)};
}

// What is read, as "name=content;", or the sentence.
std::string outcome_of(std::string_view bytes) {
    std::string read;
    try {
        read_archive(test::source_of(bytes, ArchiveFormat::zip), {},
                     [&](const ArchiveEntry& entry, EntryReader& content) {
                         read += entry.path + "=" + content.read(1000) + ";";
                     });
    } catch (const Problem& problem) {
        return problem.detail() + " [" + problem.internal() + "]";
    }
    return read;
}

TEST(ZipDirectory, ReadsWhatAgrees) {
    EXPECT_EQ(outcome_of(RawZip().make({member("a"), member("b/c", "")})), "a=text;b/c=;");
    EXPECT_EQ(outcome_of(RawZip().make({})), "");
    RawZip with_comment;
    with_comment.comment = "made by hand";
    EXPECT_EQ(outcome_of(with_comment.make({member("a")})), "a=text;");
    RawMember unicode = member("\xc3\xa9");
    unicode.flags = 1 << 11;
    EXPECT_EQ(outcome_of(RawZip().make({unicode})), "\xc3\xa9=text;");
    EXPECT_EQ(outcome_of(RawZip().make({member("\xc3\xa9")})), "\xc3\xa9=text;");
    RawMember named = member("ab");
    named.extra = named.local_extra =
        RawZip::number(0x7075, 2) + RawZip::number(7, 2) + std::string("\1\0\0\0\0", 5) + "ab";
    EXPECT_EQ(outcome_of(RawZip().make({named})), "ab=text;");
}

TEST(ZipDirectory, RefusesWhatIsNoZip) {
    const std::string good = RawZip().make({member("a"), member("b")});
    for (std::size_t size = 0; size < good.size(); ++size)
        ASSERT_THAT(outcome_of(std::string_view(good).substr(0, size)), HasSubstr("The archive ")) << size;
    for (std::size_t size = 1; size < good.size(); ++size)
        ASSERT_THAT(outcome_of(std::string_view(good).substr(size)), HasSubstr("The archive ")) << size;
    RawZip zip;
    zip.before = "#!/bin/sh\n";
    EXPECT_THAT(outcome_of(zip.make({member("a")})), HasSubstr("bytes before its beginning"));
    EXPECT_THAT(outcome_of("#!/bin/sh\n" + good), HasSubstr("bytes before its beginning"));
    zip = {};
    zip.behind = "x";
    EXPECT_THAT(outcome_of(zip.make({member("a")})), HasSubstr("bytes behind its end"));
    zip = {};
    zip.behind_directory = "x";
    EXPECT_THAT(outcome_of(zip.make({member("a")})), HasSubstr("The archive "));
    zip = {};
    zip.comment = RawZip().make({});  // another end record
    EXPECT_THAT(outcome_of(zip.make({member("a")})), HasSubstr("The archive "));
    for (const int more : {1, -1}) {
        zip = {};
        zip.count_more = more;
        EXPECT_THAT(outcome_of(zip.make({member("a"), member("b")})), HasSubstr("The archive "));
    }
}

TEST(ZipDirectory, RefusesWhatContradictsItself) {
    const auto refused = [](RawMember wrong, const char* why) {
        EXPECT_THAT(outcome_of(RawZip().make({member("first"), wrong, member("last")})), HasSubstr(why));
    };
    RawMember one = member("a");
    one.local_name = "b";
    refused(one, "says two things of an entry (a)");
    one = member("a");
    one.local_name = "ab";
    refused(one, "says two things of an entry (a)");
    one = member("a");
    one.local_unpacked_bytes = 3;
    refused(one, "says two things of an entry (a)");
    one = member("a");
    one.unpacked_bytes = one.local_unpacked_bytes = 3;
    refused(one, "says two things of an entry (a)");
    one = member("a");
    one.local_method = 8;
    refused(one, "says two things of an entry (a)");
    one = member("a");
    one.crc ^= 1;
    refused(one, "damaged");
    one = member("a");
    one.extra = RawZip::number(0x7075, 2) + RawZip::number(6, 2) + std::string("\1\0\0\0\0b", 6);
    refused(one, "says two things of an entry (a)");
    one = member("a/");
    refused(one, "says two things of an entry (a/)");
    one = member("a");
    one.packed_bytes = one.unpacked_bytes = one.local_unpacked_bytes = 40;
    refused(one, "overlap");
    one = member("a");
    one.behind = "hidden";
    refused(one, "bytes that belong to no entry");
    refused(member("first"), "two entries of one name (first)");
}

// As programs write it that cannot go back.
TEST(ZipDirectory, ReadsWhatIsDescribedBehindItsContent) {
    for (const std::size_t number_bytes : {4, 8})
        for (const std::string signature : {"PK\x07\x08", ""}) {
            RawMember one = member("a");
            one.flags = 8;
            const std::string sizes = RawZip::number(4, number_bytes) + RawZip::number(4, number_bytes);
            one.behind = signature + RawZip::number(one.crc, 4) + sizes;
            EXPECT_EQ(outcome_of(RawZip().make({one, member("b")})), "a=text;b=text;");
            one.behind = signature + RawZip::number(one.crc ^ 1, 4) + sizes;
            EXPECT_THAT(outcome_of(RawZip().make({one})), HasSubstr("bytes that belong to no entry"));
            one.behind = std::string(signature.size() + 4 + sizes.size(), 'x');
            EXPECT_THAT(outcome_of(RawZip().make({one})), HasSubstr("bytes that belong to no entry"));
            one.behind = signature + RawZip::number(one.crc, 4) + sizes;
            one.local_unpacked_bytes = 3;
            EXPECT_THAT(outcome_of(RawZip().make({one})), HasSubstr("says two things of an entry (a)"));
        }
}

TEST(ZipDirectory, RefusesNamesInTwoEncodings) {
    RawMember one = member("\xc3\xa9");
    one.flags = 1 << 11;
    std::string zip = RawZip().make({one});
    zip[7] ^= 8;  // of the header
    EXPECT_THAT(outcome_of(zip), HasSubstr("says two things of an entry"));
}

TEST(ZipDirectory, RefusesWhatIsNotReadHere) {
    RawMember one = member("a");
    one.flags = 1;
    EXPECT_THAT(outcome_of(RawZip().make({one})), HasSubstr("has an encrypted file (a)"));
    one = member("a");
    one.method = one.local_method = 12;
    EXPECT_THAT(outcome_of(RawZip().make({one})), HasSubstr("neither stored nor deflated (a)"));
    EXPECT_THAT(outcome_of(RawZip().make({member("./a")})), HasSubstr("begins with a dot and a slash"));
}

// With numbers that are too large for the fields of old: those hold ones, and a field of its own has them.
TEST(ZipDirectory, ReadsLargeNumbers) {
    RawMember one = member("a");
    const std::string sizes =
        RawZip::number(1, 2) + RawZip::number(16, 2) + RawZip::number(4, 8) + RawZip::number(4, 8);
    one.packed_bytes = one.unpacked_bytes = one.local_unpacked_bytes = 0xFFFFFFFF;
    one.extra = one.local_extra = sizes;
    EXPECT_EQ(outcome_of(RawZip().make({one})), "a=text;");
    one.extra = sizes + sizes;
    EXPECT_THAT(outcome_of(RawZip().make({one})), HasSubstr("says two things"));
    one.extra.clear();
    EXPECT_THAT(outcome_of(RawZip().make({one})), HasSubstr("The archive "));
}

}  // namespace
}  // namespace lodestone::packages
