// Advisories over HTTP. They are the installation's, so importing them is for platform administrators; which
// of them are about a version is for whoever may read it.
#include "api/advisories.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/package_place.hpp"
#include "base/advisory_limits.hpp"
#include "packages/find_advisories.hpp"
#include "packages/import_advisories.hpp"
#include "packages/text_list.hpp"

namespace lodestone::api {

struct AdvisedEcosystemView {
    std::string ecosystem;
    std::int64_t advisories = 0;
    std::int64_t packages = 0;
};
BOOST_DESCRIBE_STRUCT(AdvisedEcosystemView, (), (ecosystem, advisories, packages))

struct AdvisoryImportView {
    std::string id;
    Time imported_at{};
    std::string imported_by;
    std::int64_t records = 0;
    std::int64_t added = 0;
    std::int64_t replaced = 0;
    std::int64_t withdrawn = 0;
    std::int64_t unchanged = 0;
    std::int64_t passed_over = 0;
    std::int64_t broken = 0;
};
BOOST_DESCRIBE_STRUCT(AdvisoryImportView, (),
                      (id, imported_at, imported_by, records, added, replaced, withdrawn, unchanged,
                       passed_over, broken))

struct ImportReportView : AdvisoryImportView {
    std::vector<std::string> faults;  // of the first broken records
};
BOOST_DESCRIBE_STRUCT(ImportReportView, (AdvisoryImportView), (faults))

struct AdvisoryStatusView {
    std::vector<AdvisedEcosystemView> ecosystems;
    std::vector<AdvisoryImportView> imports;  // the newest first
};
BOOST_DESCRIBE_STRUCT(AdvisoryStatusView, (), (ecosystems, imports))

struct AdvisoryView {
    std::string id;
    Time modified_at{};
    std::optional<Time> published_at;
    StoredList aliases;
    std::string summary;
    std::string details;
    std::string severity;
    std::string cvss_vector;
    StoredList cwes;
    std::string url;
};
BOOST_DESCRIBE_STRUCT(AdvisoryView, (),
                      (id, modified_at, published_at, aliases, summary, details, severity, cvss_vector, cwes,
                       url))

struct FixedAdvisoryView : AdvisoryView {
    std::vector<std::string> fixed_in;
};
BOOST_DESCRIBE_STRUCT(FixedAdvisoryView, (AdvisoryView), (fixed_in))

struct VersionAdvisoriesView {
    bool is_advised = false;  // whether there are advisories of its format's packages at all
    std::vector<FixedAdvisoryView> advisories;
};
BOOST_DESCRIBE_STRUCT(VersionAdvisoriesView, (), (is_advised, advisories))

namespace {

using db::Tx;

Task<Shown<AdvisoryStatusView>> show_status(Call& call) {
    auto find = [&](Tx& tx) {
        AdvisoryStatusView view;
        for (const packages::AdvisedEcosystem& one : packages::count_advisories(tx))
            view.ecosystems.push_back(make_view<AdvisedEcosystemView>(one));
        for (const packages::AdvisoryImport& one : packages::list_advisory_imports(tx, limits::shown_imports))
            view.imports.push_back(make_view<AdvisoryImportView>(one));
        return view;
    };
    Shown<AdvisoryStatusView> shown{co_await call.read(find)};
    co_return shown;
}

Task<Shown<ImportReportView>> import_advisories(Call& call) {
    packages::ImportReport report =
        co_await packages::import_advisories(call.context(), packages::served_formats(), call.request());
    ImportReportView view;
    static_cast<AdvisoryImportView&>(view) = make_view<AdvisoryImportView>(report.counts);
    view.faults = std::move(report.faults);
    co_return Shown<ImportReportView>{std::move(view)};
}

FixedAdvisoryView make_advisory_view(const packages::AdvisoryHit& hit, const packages::Ecosystem& ecosystem) {
    FixedAdvisoryView view;
    static_cast<AdvisoryView&>(view) = make_view<AdvisoryView>(hit.advisory);
    view.fixed_in = list_fixed(hit.stretches, ecosystem.compare_versions);
    return view;
}

Task<Shown<VersionAdvisoriesView>> list_of_version(Call& call) {
    const PackageOfCall which(call);
    const std::string name = call.request().parameter("version");
    auto find = [&](Tx& tx) {
        const packages::Format& format = *which.repository->described;
        const auto version =
            packages::find_version_by_key(tx, which.need(tx), packages::fold_version_name(format, name));
        if (!version) db::refuse_absent("version", name);
        VersionAdvisoriesView view;
        view.is_advised = format.advisories != nullptr;
        const packages::AskedPackage asked[] = {{.name = which.name, .versions = {version->name}}};
        for (const packages::AdvisoryHit& hit :
             packages::find_advisories(tx, format, asked, packages::AdvisoryText::whole))
            view.advisories.push_back(make_advisory_view(hit, *format.advisories));
        return view;
    };
    Shown<VersionAdvisoriesView> shown{co_await call.read(find)};
    co_return shown;
}

using enum http::Method;

// Of any size: it is stored while it comes.
constexpr Endpoint taking_records(Endpoint one) {
    one.route.options.body_limit_bytes = limits::advisory_import_bytes;
    return one;
}

constexpr Endpoint endpoints[] = {
    endpoint<show_status>(get, "/api/v1/advisories", of_installation("advisory:list"), "showAdvisories",
                          "Counts the advisories that were imported, and shows the newest imports."),
    taking_records(endpoint<import_advisories>(
        post, "/api/v1/advisories/imports", of_installation("advisory:import"), "importAdvisories",
        "Imports the OSV records that the body holds: one, or one on each line, as JSON.")),
    endpoint<list_of_version>(
        get,
        "/api/v1/tenants/{tenant}/repositories/{repository}/packages/{package+}/versions/{version+}/"
        "advisories",
        of_repository("package:read", "package"), "listVersionAdvisories",
        "Lists the advisories that are about a version."),
};

}  // namespace

std::span<const Endpoint> advisory_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
