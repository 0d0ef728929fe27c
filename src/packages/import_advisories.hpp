// Importing advisories: records as they come, a batch and a transaction at a time. The newest copy of a
// record counts, however often and in whatever order they come, so an import may be broken off and begun
// again. What a batch changed is noted with it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "db/database.hpp"
#include "http/server/request.hpp"
#include "packages/advisories/record_splitter.hpp"
#include "packages/advisory.hpp"
#include "packages/archive/archive.hpp"
#include "packages/format.hpp"

namespace lodestone::packages {

struct ImportReport {
    AdvisoryImport counts;
    std::vector<std::string> faults;  // of the first broken records, each with where it stands
};

// What records say, as rows; of those about nothing that is served here, the row alone.
struct ParsedAdvisory {
    Advisory row;
    std::vector<AdvisedPackage> packages;
};
// Counts all of them, and names the broken ones: those, too, that are newer than `now` can be.
std::vector<ParsedAdvisory> parse_advisories(Formats formats, const std::vector<RawRecord>& records, Time now,
                                             ImportReport& report);
// Those that say something new, given what there is; counts the others.
std::vector<ParsedAdvisory> choose_new(std::vector<ParsedAdvisory> parsed,
                                       const std::vector<KnownAdvisory>& known, AdvisoryImport& counts);
// Of what was chosen, in the transaction, once more what is new.
AdvisoryImport store_advisories(db::Tx& tx, std::vector<ParsedAdvisory> chosen);

// JSON as it comes over HTTP, for as long as whoever sends it may: that is asked again before each batch.
// Throws Problem(unsupported_media_type) for a zip, which has to be read from its end.
Task<ImportReport> import_advisories(Context& context, Formats formats, http::Request& request);

// For threads that may block. `tell` hears of the counts after each batch.
struct ImportingNow {
    db::Database& database;
    const Clock& clock;
    db::Unit unit;
    Formats formats;
    std::string id;  // of the import
    std::function<void(const AdvisoryImport& counts)> tell;
};
// Each call answers with the next piece; an empty one is the end.
ImportReport import_advisories_now(const ImportingNow& importing,
                                   const std::function<std::string_view()>& next);
// A zip with a record in each of its files that end in ".json".
ImportReport import_archive_now(const ImportingNow& importing, const ArchiveSource& source);

}  // namespace lodestone::packages
