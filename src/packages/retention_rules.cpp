// The judgement: first each version by itself, then what those that stay need.
#include "packages/retention_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_text.hpp"
#include "packages/download.hpp"

namespace lodestone::packages {

namespace {

constexpr std::size_t date_bytes = 10;  // of "2026-11-30T…"

std::string date_of(std::int64_t day) {
    return render_rfc3339(begin_of_day(day)).substr(0, date_bytes);
}

bool lets_go(const RepositoryRetention& rules) {
    return rules.keep_last || rules.keep_days || rules.keep_downloaded_days;
}

bool is_about(const RepositoryRetention& rules, std::string_view package) {
    return rules.packages.empty() || std::ranges::any_of(rules.packages, [&](const std::string& pattern) {
               return is_glob_match(package, pattern);
           });
}

class Judgement {
  public:
    Judgement(const RepositoryRetention& rules, const JudgedPackage& package, Time now)
        : rules_(rules), package_(package), now_(now) {}

    std::vector<Verdict> run() {
        for (std::size_t i = 0; i < package_.versions.size(); ++i) {
            const JudgedVersion& version = package_.versions[i];
            places_[version.name_key] = i;
            ids_[version.id] = i;
            const auto reason = find_keeper(version, package_.newer + static_cast<std::int64_t>(i));
            verdicts_.push_back({version, reason.has_value(), reason.value_or("")});
        }
        keep_what_is_needed();
        for (std::size_t i = 0; i < verdicts_.size(); ++i)
            if (!verdicts_[i].stays)
                verdicts_[i].reason =
                    describe_end(package_.versions[i], package_.newer + static_cast<std::int64_t>(i));
        return std::move(verdicts_);
    }

  private:
    // Why it stays by itself, if it does.
    std::optional<std::string> find_keeper(const JudgedVersion& version, std::int64_t place) const {
        if (!lets_go(rules_)) return "no rule lets a version go";
        if (!is_about(rules_, package_.name)) return "no rule is about this package";
        if (rules_.keep_last && place < *rules_.keep_last)
            return fmt::format("among the last {}", *rules_.keep_last);
        if (rules_.keep_days && now_ - version.published_at < std::chrono::days(*rules_.keep_days))
            return fmt::format("published within {} days", *rules_.keep_days);
        if (const auto tag = package_.tags.find(version.id); rules_.keep_tagged && tag != package_.tags.end())
            return "tagged " + tag->second;
        if (rules_.keep_downloaded_days && version.last_download &&
            day_of(now_) - *version.last_download <= *rules_.keep_downloaded_days)
            return fmt::format("fetched on {}, within {} days", date_of(*version.last_download),
                               *rules_.keep_downloaded_days);
        for (const std::string& pattern : rules_.keep_names)
            if (is_glob_match(version.name, pattern)) return "its name is like " + pattern;
        return std::nullopt;
    }

    std::string describe_end(const JudgedVersion& version, std::int64_t place) const {
        std::string reason;
        const auto add = [&reason](const std::string& more) {
            reason += (reason.empty() ? "" : ", ") + more;
        };
        if (rules_.keep_last) add(fmt::format("not among the last {}", *rules_.keep_last));
        const auto age = std::chrono::floor<std::chrono::days>(now_ - version.published_at).count();
        if (rules_.keep_days) add(fmt::format("published {} days ago", age));
        if (rules_.keep_downloaded_days)
            add(version.last_download ? "last fetched on " + date_of(*version.last_download)
                                      : std::string("never fetched"));
        if (rules_.keep_tagged) add("not tagged");
        return reason + fmt::format(" (number {} from the newest)", place + 1);
    }

    // Another version that stays if this one does, and by which bond.
    struct Pull {
        std::size_t kept = 0;
        const Bond* bond = nullptr;
        bool is_needed = false;  // by the bond's beginning; else it stays with its end
    };

    void keep(const Pull& pull) {
        Verdict& verdict = verdicts_[pull.kept];
        if (verdict.stays) return;
        verdict.stays = true;
        verdict.reason =
            pull.is_needed ? "needed by " + pull.bond->from_name : "stays with " + pull.bond->to_key;
        to_follow_.push_back(pull.kept);
    }

    // What stands outside of what is judged stays.
    void note_pulls(const Bond& bond) {
        const auto from = ids_.find(bond.from);
        const auto to = places_.find(bond.to_key);
        if (to != places_.end()) {
            const Pull needed{.kept = to->second, .bond = &bond, .is_needed = true};
            if (from == ids_.end())
                keep(needed);
            else
                pulls_[from->second].push_back(needed);
        }
        if (!bond.is_companion || from == ids_.end()) return;
        const Pull companion{.kept = from->second, .bond = &bond, .is_needed = false};
        if (to != places_.end())
            pulls_[to->second].push_back(companion);
        else if (package_.newer > 0)
            keep(companion);
    }

    // Each version is followed once, and each bond at most twice: chains may be as long as the package.
    void keep_what_is_needed() {
        pulls_.resize(verdicts_.size());
        for (std::size_t i = 0; i < verdicts_.size(); ++i)
            if (verdicts_[i].stays) to_follow_.push_back(i);
        for (const Bond& bond : package_.bonds) note_pulls(bond);
        for (std::size_t next = 0; next < to_follow_.size(); ++next)
            for (const Pull& pull : pulls_[to_follow_[next]]) keep(pull);
    }

    const RepositoryRetention& rules_;
    const JudgedPackage& package_;
    const Time now_;
    std::vector<Verdict> verdicts_;
    std::map<std::string, std::size_t, std::less<>> places_;
    std::map<VersionId, std::size_t> ids_;
    std::vector<std::vector<Pull>> pulls_;  // of each version
    std::vector<std::size_t> to_follow_;    // what stays, as it was found out
};

}  // namespace

std::vector<Verdict> judge_versions(const RepositoryRetention& rules, const JudgedPackage& package,
                                    Time now) {
    return Judgement(rules, package, now).run();
}

// Greedy: what a star has to take is tried again from one byte further only for the last star, so a pattern
// costs at most its length times the text's.
bool is_glob_match(std::string_view text, std::string_view pattern) {
    std::size_t at = 0;
    std::size_t in = 0;
    std::size_t star = pattern.npos;
    std::size_t taken = 0;
    while (at < text.size()) {
        if (in < pattern.size() && pattern[in] == '*') {
            star = in++;
            taken = at;
        } else if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == text[at])) {
            ++in;
            ++at;
        } else if (star != pattern.npos) {
            in = star + 1;
            at = ++taken;
        } else {
            return false;
        }
    }
    while (in < pattern.size() && pattern[in] == '*') ++in;
    return in == pattern.size();
}

}  // namespace lodestone::packages
