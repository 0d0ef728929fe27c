// Whether rows and bytes agree, everywhere and to the last one: after everything was collected, nothing is
// stored that no row names, nothing is named that is not stored, and what is counted is counted right.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/blob_limits.hpp"
#include "base/hex.hpp"
#include "blobs/blob.hpp"
#include "blobs/blobs.hpp"
#include "blobs/collect.hpp"
#include "blobs/sweep.hpp"
#include "packages/purge.hpp"
#include "support/http_loop_thread.hpp"
#include "support/stores.hpp"

namespace lodestone::test {

// Each answers 0.
struct Recount {
    const char* what;
    const char* sql;
};
inline constexpr Recount recounts[] = {
    {"leases that have run out", "SELECT count(*) FROM blob_leases"},
    {"uploads that nobody goes on with", "SELECT count(*) FROM uploads"},
    {"blobs on their way out", "SELECT count(*) FROM blobs WHERE state <> 'live'"},
    {"blobs that nobody uses",
     "SELECT count(*) FROM blobs AS b WHERE NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = "
     "b.id)"},
    {"digests of no blob",
     "SELECT count(*) FROM blob_digests AS d WHERE NOT EXISTS (SELECT 1 FROM blobs AS b WHERE b.id = "
     "d.blob_id)"},
    {"uses by no version",
     "SELECT count(*) FROM blob_uses AS u WHERE NOT EXISTS "
     "(SELECT 1 FROM versions AS v WHERE v.tenant_id = u.tenant_id AND v.number = u.owner)"},
    {"uses of no blob",
     "SELECT count(*) FROM blob_uses AS u WHERE NOT EXISTS (SELECT 1 FROM blobs AS b WHERE b.id = "
     "u.blob_id)"},
    {"files whose bytes their version does not use",
     "SELECT count(*) FROM files AS f JOIN versions AS v ON v.tenant_id = f.tenant_id AND v.repository_id = "
     "f.repository_id AND v.package_id = f.package_id AND v.id = f.version_id WHERE NOT EXISTS "
     "(SELECT 1 FROM blob_uses AS u WHERE u.tenant_id = v.tenant_id AND u.owner = v.number AND u.blob_id = "
     "f.blob_id)"},
    {"files that say something else of their bytes",
     "SELECT count(*) FROM files AS f JOIN blobs AS b ON b.id = f.blob_id "
     "WHERE b.sha256 <> f.sha256 OR b.size_bytes <> f.size_bytes"},
    {"used by a version, and not shown",
     "SELECT count(*) FROM blob_uses AS u WHERE NOT EXISTS (SELECT 1 FROM package_blobs AS p "
     "WHERE p.tenant_id = u.tenant_id AND p.version = u.owner AND p.blob_id = u.blob_id)"},
    {"shown, and not used by the version",
     "SELECT count(*) FROM package_blobs AS p WHERE NOT EXISTS (SELECT 1 FROM blob_uses AS u "
     "WHERE p.tenant_id = u.tenant_id AND p.version = u.owner AND p.blob_id = u.blob_id)"},
    {"shown in another size",
     "SELECT count(*) FROM package_blobs AS p JOIN blobs AS b ON b.id = p.blob_id "
     "WHERE b.size_bytes <> p.size_bytes"},
    {"versions that count their files wrong",
     "SELECT count(*) FROM versions AS v WHERE v.file_count <> (SELECT count(*) FROM files AS f WHERE "
     "f.tenant_id "
     "= v.tenant_id AND f.repository_id = v.repository_id AND f.package_id = v.package_id AND f.version_id = "
     "v.id)"},
    {"versions that count their bytes wrong",
     "SELECT count(*) FROM versions AS v WHERE v.size_bytes <> (SELECT coalesce(sum(f.size_bytes), 0) FROM "
     "files "
     "AS f WHERE f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id AND f.package_id = "
     "v.package_id "
     "AND f.version_id = v.id)"},
    {"tags of no version",
     "SELECT count(*) FROM tags AS t WHERE NOT EXISTS (SELECT 1 FROM versions AS v WHERE v.tenant_id = "
     "t.tenant_id "
     "AND v.repository_id = t.repository_id AND v.package_id = t.package_id AND v.id = t.version_id "
     "AND v.deleted_at IS NULL)"},
    {"repositories that count their bytes wrong",
     "SELECT count(*) FROM repository_usage AS u JOIN repositories AS r ON r.tenant_id = u.tenant_id AND "
     "r.id = "
     "u.repository_id WHERE u.bytes <> (SELECT coalesce(sum(b.size_bytes), 0) FROM blobs AS b WHERE b.id IN "
     "(SELECT p.blob_id FROM package_blobs AS p WHERE p.tenant_id = r.tenant_id AND p.repository = "
     "r.number))"},
    {"repositories that count their packages wrong",
     "SELECT count(*) FROM repository_usage AS u WHERE u.package_count <> (SELECT count(*) FROM packages AS "
     "p WHERE "
     "p.tenant_id = u.tenant_id AND p.repository_id = u.repository_id AND p.deleted_at IS NULL)"},
    {"repositories that count their versions wrong",
     "SELECT count(*) FROM repository_usage AS u WHERE u.version_count <> (SELECT count(*) FROM versions AS "
     "v WHERE "
     "v.tenant_id = u.tenant_id AND v.repository_id = u.repository_id AND v.deleted_at IS NULL)"},
    {"repositories that count their files wrong",
     "SELECT count(*) FROM repository_usage AS u WHERE u.file_count <> (SELECT count(*) FROM files AS f JOIN "
     "versions "
     "AS v ON v.tenant_id = f.tenant_id AND v.repository_id = f.repository_id AND v.package_id = "
     "f.package_id "
     "AND v.id = f.version_id WHERE f.tenant_id = u.tenant_id AND f.repository_id = u.repository_id "
     "AND v.deleted_at IS NULL)"},
};

class StorageAudit {
  public:
    // `ask` answers the first value of a plain statement.
    using Ask = std::function<std::string(const std::string& sql)>;
    StorageAudit(blobs::Blobs& blobs, HttpLoopThread& loop, FakeClock& clock, Ask ask)
        : blobs_(blobs),
          loop_(loop),
          clock_(clock),
          ask_(std::move(ask)),
          collector_(blobs, no_grace),
          sweeper_(blobs) {}

    // Days go by, in which all that is to go does.
    void clean() {
        for (int day = 0; day < 2; ++day) {
            clock_.advance(std::chrono::hours(25));
            purge();
            loop_.run(collector_.run());
            for (int slice = 0; slice < 256; ++slice)
                loop_.run(sweeper_.sweep(static_cast<std::uint8_t>(slice)));
            loop_.run(sweeper_.sweep_drafts());
        }
    }
    // After that. Answers how many blobs there are.
    std::size_t check() {
        for (const Recount& one : recounts) EXPECT_EQ(ask_(one.sql), "0") << one.what;
        auto list = [](db::Tx& tx) { return tx.all(list_all); };
        std::set<std::string> named;
        for (const blobs::Blob& blob : blobs_.database().read_now({}, list)) {
            named.insert(render_blob_key(blob.key()));
            check_bytes(blob);
        }
        std::set<std::string> stored;
        for (const std::string& slice : slices())
            for (const blobs::StoredBlob& one : loop_.run(blobs_.store().list(slice, limits::swept_keys)))
                stored.insert(render_blob_key(one.key));
        EXPECT_EQ(stored, named);
        return named.size();
    }

  private:
    static constexpr std::chrono::microseconds no_grace{0};
    void purge() {
        auto versions = [](db::Tx& tx) { return packages::purge_versions(tx, tx.now()); };
        while (blobs_.database().write_now({}, versions) > 0) continue;
        auto packages = [](db::Tx& tx) { return packages::purge_packages(tx, tx.now()); };
        while (blobs_.database().write_now({}, packages) > 0) continue;
    }
    static std::vector<std::string> slices() {
        std::vector<std::string> all;
        for (int first = 0; first < 256; ++first) {
            const auto byte = static_cast<std::uint8_t>(first);
            all.push_back(to_hex({&byte, 1}));
        }
        return all;
    }
    void check_bytes(const blobs::Blob& blob) {
        const auto body = loop_.run(blobs_.open(blob.key(), blob.size_bytes));
        ASSERT_TRUE(body) << render_blob_key(blob.key()) << " is named and not stored";
        EXPECT_EQ(sha256_of(read(*body)), blob.sha256) << render_blob_key(blob.key());
    }
    std::string read(const http::ResponseBody& body) {
        const auto* seekable = std::get_if<std::unique_ptr<http::SeekableSource>>(&body);
        if (seekable == nullptr) return read_body(body);
        const auto source =
            loop_.run((*seekable)->open({.offset = 0, .size_bytes = (*seekable)->size_bytes()}));
        return loop_.run(http::read_all(*source, 1 << 30));
    }

    blobs::Blobs& blobs_;
    HttpLoopThread& loop_;
    FakeClock& clock_;
    Ask ask_;
    blobs::Collector collector_;
    blobs::Sweeper sweeper_;
    static inline const db::Query<blobs::Blob> list_all{
        "test.list_blobs",
        "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, "
        "fault, "
        "copy_id FROM blobs"};
};

}  // namespace lodestone::test
