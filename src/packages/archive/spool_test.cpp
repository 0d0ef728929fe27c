// Spools: the same bytes and digests in memory and in a file, and what is entered reads back.
#include "packages/archive/spool.hpp"

#include <gtest/gtest.h>

#include "base/blob_limits.hpp"
#include "base/problem.hpp"
#include "packages/archive/archive.hpp"
#include "support/made_archives.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::packages {
namespace {

using test::make_bytes;
using test::TextBody;

class SpoolTest : public ::testing::Test {
  protected:
    static std::string read(const Spool& spool) {
        std::string bytes(spool.size_bytes() + 10, '\0');
        bytes.resize(spool.read_at(0, std::as_writable_bytes(std::span(bytes))));
        return bytes;
    }
    test::TempFolder folder_;
    test::StoreWorld world_{folder_ / "blobs"};
    blobs::Scratch scratch_{folder_ / "tmp"};
};

TEST_F(SpoolTest, KeepsBytesWhateverTheirSize) {
    for (const std::size_t size :
         {0ul, 1ul, 70'000ul, limits::spooled_bytes, limits::spooled_bytes + 1, 3'000'000ul}) {
        const std::string bytes = make_bytes(size);
        Spool spool(scratch_, {DigestKind::blake2b_256, DigestKind::md5});
        TextBody body(bytes, 50'000);
        world_.run(spool.append(body, size));
        EXPECT_EQ(spool.size_bytes(), size);
        EXPECT_EQ(spool.is_small(), size <= limits::spooled_bytes);
        EXPECT_EQ(read(spool), bytes);
        const blobs::Digests& digests = spool.finish();
        EXPECT_EQ(digests.sha256, test::sha256_of(bytes));
        blobs::RunningDigests expected(std::vector{DigestKind::blake2b_256, DigestKind::md5});
        expected.add(bytes);
        EXPECT_EQ(digests, expected.digests());
        std::byte rest[5];
        EXPECT_EQ(spool.read_at(size > 3 ? size - 3 : 0, rest), std::min<std::size_t>(size, 3));
        EXPECT_EQ(spool.read_at(size + 1, rest), 0u);
    }
    EXPECT_EQ(scratch_.held_bytes()->load(), 0u);
}

TEST_F(SpoolTest, TakesPiecesThatArePushed) {
    const std::string bytes = make_bytes(1'500'000);
    Spool spool(scratch_);
    for (std::size_t at = 0; at < bytes.size(); at += 7'777)
        spool.append(std::string_view(bytes).substr(at, 7'777));
    EXPECT_EQ(read(spool), bytes);
    EXPECT_EQ(spool.finish().sha256, test::sha256_of(bytes));
}

TEST_F(SpoolTest, RefusesMoreThanTheLimit) {
    for (const bool is_promised : {false, true}) {
        Spool spool(scratch_);
        TextBody body(make_bytes(101));
        if (is_promised) body.promised = 101;
        EXPECT_EQ(world_.refusal_of([&] { world_.run(spool.append(body, 100)); }),
                  "body-too-large: The file is larger than the 100 bytes that are taken here.");
    }
}

TEST_F(SpoolTest, GoesToItsFileWhereAllTogetherHoldTooMuch) {
    scratch_.held_bytes()->store(limits::spooled_bytes_together);
    Spool spool(scratch_);
    spool.append(std::string_view("some bytes"));
    EXPECT_FALSE(spool.is_small());
    EXPECT_EQ(read(spool), "some bytes");
    EXPECT_EQ(scratch_.held_bytes()->load(), limits::spooled_bytes_together);
}

TEST_F(SpoolTest, LeavesNothingInItsFolder) {
    Spool spool(scratch_);
    spool.append(make_bytes(2'000'000));
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "tmp"));
}

TEST_F(SpoolTest, SaysThatADiskIsFull) {
    blobs::Scratch full("/dev/null/nowhere");
    Spool spool(full);
    EXPECT_EQ(world_.refusal_of([&] { spool.append(make_bytes(2'000'000)); }),
              "unavailable: The file could not be kept; send it again in a moment.");
    EXPECT_EQ(world_.refusal_of([] { blobs::refuse_scratch(ENOSPC, "writing"); }),
              "storage-full: There is no room for the file: make some and send it again.");
}

TEST_F(SpoolTest, IsReadAsAnArchiveOnAWorkerThread) {
    const auto spool = std::make_shared<Spool>(scratch_);
    spool->append(test::RawZip().make({{.name = "large", .content = make_bytes(2'000'000)}}));
    auto list = [spool] {
        std::string names;
        const ArchiveSource source{
            .read_at = [&](std::uint64_t offset,
                           std::span<std::byte> into) { return spool->read_at(offset, into); },
            .size_bytes = spool->size_bytes(),
            .format = ArchiveFormat::zip};
        read_archive(source, {}, [&](const ArchiveEntry& entry, EntryReader& content) {
            names += entry.path + " " + std::to_string(content.read(3'000'000).size());
        });
        return names;
    };
    EXPECT_EQ(world_.run(scratch_.threads().run(list)), "large 2000000");
    scratch_.stop();
    EXPECT_EQ(world_.refusal_of([&] { world_.run(scratch_.threads().run(list)); }),
              "unavailable: The server is stopping; try again in a moment.");
}

}  // namespace
}  // namespace lodestone::packages
