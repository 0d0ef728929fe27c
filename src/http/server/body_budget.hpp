// How much memory all the bodies take together that are being collected before their handlers see them. One
// client gets a share of it only, so that nobody can keep the others out by sending slowly.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

#include "base/metrics.hpp"
#include "http/message/network.hpp"

namespace lodestone::http {

class BodyBudget {
  public:
    BodyBudget(std::uint64_t total_bytes, Metrics& metrics);

    // Whose body it is, as Peer::address has it. IPv6 clients are told apart by their /64.
    static Address client_of(std::string_view peer_address);

    // What is held for that client becomes so much more or less. Throws Problem when it may not become more.
    void change(const Address& client, std::uint64_t held_bytes, std::uint64_t wanted_bytes);
    std::uint64_t held_bytes() const;

  private:
    const std::uint64_t total_bytes_;
    Gauge& held_gauge_;
    Counter& refused_;
    mutable std::mutex mutex_;
    std::uint64_t held_bytes_ = 0;
    std::map<std::array<std::uint8_t, 16>, std::uint64_t> by_client_;
};

}  // namespace lodestone::http
