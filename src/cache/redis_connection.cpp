// AUTH and SELECT are answered before anything else is said, so that a wrong password is told as one.
#include "cache/redis_connection.hpp"

#include <algorithm>

#include "base/redis_limits.hpp"

namespace lodestone::cache {

namespace {

// Bounded: it goes into the log.
Fault refusal_of(std::string_view words) {
    return "it refuses: " + std::string(words.substr(0, limits::redis_fault_bytes));
}

}  // namespace

std::optional<Fault> RedisConnection::open() {
    received_.clear();
    if (auto fault = socket_.connect(options_.url, options_.ca_file, *options_.lookup)) return fault;
    const RedisUrl& url = options_.url;
    Next answer{.reply = RespReply{}, .fault = std::nullopt};
    if (!url.password.empty()) answer = sign_in();
    // Also without a database to choose: a Redis that wants a password is found out here.
    if (!answer.fault) answer = ask({"SELECT", std::to_string(url.database)});
    if (answer.fault) return answer.fault;
    if (!answer.reply->is_status("OK")) return Fault("it does not answer as a Redis does");
    return std::nullopt;
}

// What refuses may repeat what it was sent, the password among that: nothing but its code is told.
RedisConnection::Next RedisConnection::sign_in() {
    const RedisUrl& url = options_.url;
    Next answer = url.user.empty() ? ask({"AUTH", url.password}) : ask({"AUTH", url.user, url.password});
    if (answer.reply && answer.reply->is_error()) {
        const std::string_view words = answer.reply->scalar.text;
        const std::string_view code = words.substr(0, words.find(' '));
        const bool is_code = std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
        answer.fault = is_code ? refusal_of(code) + " in answer to AUTH" : Fault("it refuses AUTH");
    }
    return answer;
}

std::optional<Fault> RedisConnection::send(std::string_view commands) {
    return socket_.send(commands, clock_.steady_now() + limits::redis_answer_timeout);
}

RedisConnection::Next RedisConnection::next(SteadyTime until) {
    while (true) {
        RespParsed parsed = parse_resp(received_);
        if (parsed.is_broken) return {.reply = std::nullopt, .fault = "it does not answer as a Redis does"};
        if (parsed.reply) {
            received_.erase(0, parsed.used_bytes);
            return {.reply = std::move(parsed.reply), .fault = std::nullopt};
        }
        const std::size_t before = received_.size();
        if (auto fault = socket_.receive(received_, until))
            return {.reply = std::nullopt, .fault = std::move(fault)};
        if (received_.size() == before) return {};
    }
}

RedisConnection::Next RedisConnection::ask(std::initializer_list<std::string_view> words) {
    if (auto fault = send(render_command(words))) return {.reply = std::nullopt, .fault = std::move(fault)};
    return answer();
}

RedisConnection::Next RedisConnection::answer() {
    Next answer = next(clock_.steady_now() + limits::redis_answer_timeout);
    if (!answer.reply && !answer.fault) answer.fault = "it does not answer in time";
    if (answer.reply && answer.reply->is_error()) answer.fault = refusal_of(answer.reply->scalar.text);
    return answer;
}

}  // namespace lodestone::cache
