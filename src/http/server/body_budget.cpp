// A sum, and a sum for each client that has something in it.
#include "http/server/body_budget.hpp"

#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::http {

namespace {

constexpr const char* retry_after_s = "5";

}  // namespace

BodyBudget::BodyBudget(std::uint64_t total_bytes, Metrics& metrics)
    : total_bytes_(total_bytes),
      held_gauge_(metrics.gauge("lodestone_buffered_bodies_bytes",
                                "Bytes of requests' bodies that are collected in memory now.")),
      refused_(metrics.counter("lodestone_buffered_bodies_refused_total",
                               "Bodies refused because too much was collected in memory already.")) {}

Address BodyBudget::client_of(std::string_view peer_address) {
    const auto address = parse_address(peer_address);
    return address ? client_prefix(*address) : Address{};
}

void BodyBudget::change(const Address& client, std::uint64_t held_bytes, std::uint64_t wanted_bytes) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t total = held_bytes_ - held_bytes + wanted_bytes;
    const auto entry = by_client_.try_emplace(client.bytes, 0).first;
    const std::uint64_t of_client = entry->second - held_bytes + wanted_bytes;
    const bool is_more = wanted_bytes > held_bytes;
    const bool is_full = is_more && total > total_bytes_;
    const bool is_client_full = is_more && of_client > total_bytes_ / limits::buffered_client_shares;
    if (!is_full && !is_client_full) {
        held_bytes_ = total;
        entry->second = of_client;
    }
    if (entry->second == 0) by_client_.erase(entry);
    held_gauge_.set(static_cast<std::int64_t>(held_bytes_));
    if (!is_full && !is_client_full) return;
    refused_.add();
    if (is_client_full)
        throw Problem(problems::too_many_requests,
                      "Your address sends too many bodies at once; let the others arrive first.")
            .with_header("Retry-After", retry_after_s);
    throw Problem(problems::unavailable,
                  "Too many bodies are on their way to this server; try again in a moment.")
        .with_header("Retry-After", retry_after_s);
}

std::uint64_t BodyBudget::held_bytes() const {
    const std::lock_guard lock(mutex_);
    return held_bytes_;
}

}  // namespace lodestone::http
