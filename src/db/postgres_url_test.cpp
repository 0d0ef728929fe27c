// Which URLs are PostgreSQL's, and which of them hold a password.
#include "db/postgres_url.hpp"

#include <gtest/gtest.h>

namespace lodestone::db {
namespace {

TEST(PostgresUrl, KnowsWherePasswordsHide) {
    struct Row {
        std::string text;
        bool has_password;
    };
    for (const Row& row :
         {Row{"postgres://db.example/lodestone", false},
          Row{"postgresql://ann@db.example:6432/lodestone?sslmode=verify-full", false},
          Row{"postgres://one.example,two.example:5433/lodestone", false},
          Row{"postgres:///lodestone?host=/run/postgresql", false},
          Row{"postgres://%2Frun%2Fpostgresql/lodestone", false}, Row{"postgres://ann:@db.example/x", false},
          Row{"postgres://ann:pw@db.example/x", true}, Row{"postgres://db.example/x?password=pw", true},
          Row{"postgres://ann:pw@one.example,two.example/x", true},
          Row{"postgres://db.example/x?sslpassword=pw", true}}) {
        const auto url = parse_postgres_url(row.text);
        ASSERT_TRUE(url) << row.text;
        EXPECT_EQ(url->has_password, row.has_password) << row.text;
    }
}

TEST(PostgresUrl, RefusesWhatIsNone) {
    for (const std::string text : {"", "lodestone", "host=db.example", "mysql://db.example/x", "postgres:x",
                                   "postgres://db.example/x?no_such_option=1", "postgres://[::1/x"})
        EXPECT_FALSE(parse_postgres_url(text)) << text;
}

}  // namespace
}  // namespace lodestone::db
