// Tests of rows about blobs, on every database, with two tenants that are nothing but rows: this floor does
// not know what a tenant is.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/number_time.hpp"
#include "base/tenant_id.hpp"
#include "blobs/blob.hpp"
#include "support/databases.hpp"

namespace lodestone::test {

class WithBlobs : public OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        for (const std::string id : {"acme", "other"})
            run_sql(
                "INSERT INTO tenants (id, name, name_folded, status, config, settings, metadata, version, "
                "created_at, created_by, updated_at, updated_by) VALUES ('" +
                id + "', '" + id + "', '" + id + "', 'active', '{}', '{}', '{}', 1, 1, 'x', 1, 'x')");
    }

    static blobs::Digests digests_of(std::string_view text) {
        blobs::RunningDigests running;
        running.add(text);
        return running.digests();
    }
    blobs::BlobId new_blob_id() { return blobs::BlobId::make(context().clock, context().random); }
    // Numbers of this process grow from test to test: from here on they tell the time of this test's clock.
    void catch_up_with_numbers() {
        const Time last = time_of_number(new_blob_id().value());
        if (last > clock().now()) clock().advance(last - clock().now());
    }
    // As if the bytes had been published.
    blobs::BlobId store_blob(std::string_view text) {
        const blobs::BlobId id = new_blob_id();
        return write([&](db::Tx& tx) { return settle_blob(tx, digests_of(text), text.size(), id).id; });
    }
    blobs::Blob need_blob(blobs::BlobId id) {
        return read([&](db::Tx& tx) { return find_blob(tx, id); }).value();
    }

    const TenantId acme_ = TenantId::trusted("acme");
    const TenantId other_ = TenantId::trusted("other");
};

}  // namespace lodestone::test
