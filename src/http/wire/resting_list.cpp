// Each line is in order by itself, since everybody joins at its end: adding and removing cost a few pointers.
#include "http/wire/resting_list.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/limits.hpp"
#include "http/wire/stream.hpp"

namespace lodestone::http {

namespace {

// How many are looked at that turn out to be about to be served.
constexpr int looked_at = 16;

SteadyTime since(SteadyTime::rep published) {
    return SteadyTime(SteadyTime::duration(published));
}

// What has arrived and was not read: the peer believes that it will be answered.
bool has_unread_bytes(Stream& stream) {
    char byte = 0;
    return ::recv(stream.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace

void RestingList::Line::publish() {
    const SteadyTime::rep now = first == nullptr ? never : first->resting_.since.time_since_epoch().count();
    since.store(now, std::memory_order_relaxed);
}

void RestingList::add(Stream& stream, Resting::Kind kind, SteadyTime now) {
    Line& line = line_of(kind);
    stream.resting_ = {.kind = kind, .since = now, .previous = line.last, .next = nullptr};
    (line.last == nullptr ? line.first : line.last->resting_.next) = &stream;
    line.last = &stream;
    if (line.first == &stream) line.publish();
}

void RestingList::remove(Stream& stream) {
    Resting& place = stream.resting_;
    if (place.kind == Resting::Kind::no) return;
    Line& line = line_of(place.kind);
    const bool was_first = line.first == &stream;
    (place.previous == nullptr ? line.first : place.previous->resting_.next) = place.next;
    (place.next == nullptr ? line.last : place.next->resting_.previous) = place.previous;
    place = {};
    if (was_first) line.publish();
}

std::optional<SteadyTime> RestingList::longest(SteadyTime now) const {
    const SteadyTime answered = since(answered_.since.load(std::memory_order_relaxed));
    const SteadyTime newcomer = since(newcomers_.since.load(std::memory_order_relaxed));
    const bool is_newcomer_late = newcomer <= now - limits::newcomer_timeout;
    const SteadyTime longest = is_newcomer_late ? std::min(answered, newcomer) : answered;
    if (longest == SteadyTime::max()) return std::nullopt;
    return longest;
}

bool RestingList::make_room(SteadyTime now) {
    Stream* newcomer = newcomers_.first;
    Stream* answered = answered_.first;
    for (int i = 0; i < looked_at; ++i) {
        if (newcomer != nullptr && newcomer->resting_.since > now - limits::newcomer_timeout)
            newcomer = nullptr;
        if (newcomer == nullptr && answered == nullptr) return false;
        const bool takes_newcomer =
            answered == nullptr ||
            (newcomer != nullptr && newcomer->resting_.since < answered->resting_.since);
        Stream*& candidate = takes_newcomer ? newcomer : answered;
        Stream& chosen = *candidate;
        candidate = chosen.resting_.next;
        if (has_unread_bytes(chosen) || !chosen.give_way()) continue;
        remove(chosen);
        return true;
    }
    return false;
}

}  // namespace lodestone::http
