// Advisories in the database: what is known to be wrong with packages, wherever they come from. They belong
// to the installation, and are found by ecosystem and folded name. docs/adr/0029-advisories.md says why.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/tx.hpp"

namespace lodestone::packages {

struct Advisory {
    std::string id;
    Time modified_at{};
    std::optional<Time> published_at;
    std::optional<Time> withdrawn_at;  // then it is about nothing, and kept so that no older copy comes back
    std::string aliases = "[]";        // a JSON list of texts
    std::string summary;
    std::string details;
    std::string severity;  // "low", "moderate", "high", "critical"; empty: it does not say
    std::string cvss_vector;
    std::string cwes = "[]";  // likewise
    std::string url;
    Time imported_at{};

    bool operator==(const Advisory&) const = default;
};
BOOST_DESCRIBE_STRUCT(Advisory, (),
                      (id, modified_at, published_at, withdrawn_at, aliases, summary, details, severity,
                       cvss_vector, cwes, url, imported_at))

struct AdvisedPackage {
    std::string ecosystem;
    std::string name_key;
    std::string advisory_id;
    std::string affected;  // render_affected()

    bool operator==(const AdvisedPackage&) const = default;
};
BOOST_DESCRIBE_STRUCT(AdvisedPackage, (), (ecosystem, name_key, advisory_id, affected))

struct KnownAdvisory {
    std::string id;
    Time modified_at{};
};
BOOST_DESCRIBE_STRUCT(KnownAdvisory, (), (id, modified_at))

// What there is of them, withdrawn ones too.
std::vector<KnownAdvisory> list_known_advisories(db::Tx& tx, std::span<const std::string> ids);
// Each id once; in place of what there is of these, with all that they are about.
void put_advisories(db::Tx& tx, std::span<const Advisory> advisories,
                    std::span<const AdvisedPackage> packages);

struct FoundAdvisory {
    std::string name_key;
    std::string id;
    Time modified_at{};
    std::optional<Time> published_at;
    std::string aliases;
    std::string summary;
    std::string details;
    std::string severity;
    std::string cvss_vector;
    std::string cwes;
    std::string url;
    std::string affected;
};
BOOST_DESCRIBE_STRUCT(FoundAdvisory, (),
                      (name_key, id, modified_at, published_at, aliases, summary, details, severity,
                       cvss_vector, cwes, url, affected))

// brief: without details.
enum class AdvisoryText : std::uint8_t { brief, whole };
// Of all these names, by name and id; limits::asked_advisory_names at once. Throws Problem(invalid_input)
// where there are more than limits::found_advisories.
std::vector<FoundAdvisory> list_advisories_of(db::Tx& tx, std::string_view ecosystem,
                                              std::span<const std::string> name_keys, AdvisoryText text);
// Of more than limits::found_advisories.
[[noreturn]] void refuse_many_advisories();

struct AdvisedEcosystem {
    std::string ecosystem;
    std::int64_t advisories = 0;
    std::int64_t packages = 0;
};
BOOST_DESCRIBE_STRUCT(AdvisedEcosystem, (), (ecosystem, advisories, packages))
std::vector<AdvisedEcosystem> count_advisories(db::Tx& tx);

struct AdvisoryImport {
    std::string id;
    Time imported_at{};
    std::string imported_by;
    std::int64_t records = 0;  // all of them
    std::int64_t added = 0;
    std::int64_t replaced = 0;
    std::int64_t withdrawn = 0;
    std::int64_t unchanged = 0;
    std::int64_t passed_over = 0;  // about nothing that is served here
    std::int64_t broken = 0;
};
BOOST_DESCRIBE_STRUCT(AdvisoryImport, (),
                      (id, imported_at, imported_by, records, added, replaced, withdrawn, unchanged,
                       passed_over, broken))

// Where an import is: going_on is all between the first transaction that stores advisories and the last one,
// which there always is unless the import is broken off.
enum class ImportStep : std::uint8_t { begun, going_on, done };
// What it has done so far, in the transaction that does it; the oldest of more than limits::kept_imports go.
// It is recorded when it begins to change something, so that one that is broken off is, too, and once more
// when it is done.
void put_advisory_import(db::Tx& tx, AdvisoryImport& import, ImportStep step);
// The newest first.
std::vector<AdvisoryImport> list_advisory_imports(db::Tx& tx, std::int64_t limit);

}  // namespace lodestone::packages
