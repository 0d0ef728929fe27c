// What a refused field says to people, and where it points for programs.
#include "base/field_problem.hpp"

#include <gtest/gtest.h>

namespace lodestone {
namespace {

TEST(FieldProblem, TurnsPathsIntoPointers) {
    EXPECT_EQ(field_pointer("email"), "/email");
    EXPECT_EQ(field_pointer("settings.password_policy.min_length"), "/settings/password_policy/min_length");
    EXPECT_EQ(field_pointer("scopes[0].actions"), "/scopes/0/actions");
    EXPECT_EQ(field_pointer("conditions[12]"), "/conditions/12");
    EXPECT_EQ(field_pointer("a/b.c~d"), "/a~1b/c~0d");
    EXPECT_EQ(field_pointer(""), "");
}

TEST(FieldProblem, SaysTheSameToPeopleAndToPrograms) {
    const Problem problem = field_problem("name", "is too long.");
    EXPECT_EQ(problem.detail(), "The field name is too long.");
    EXPECT_EQ(problem.faults(), std::vector<FieldFault>({{"/name", "It is too long."}}));
    EXPECT_EQ(problem.status(), 400);
}

TEST(FieldProblem, IsMadeOfAClauseThatBeginsWithTheField) {
    const Problem problem = field_problem("scopes[1].tags has an entry twice");
    EXPECT_EQ(problem.detail(), "The field scopes[1].tags has an entry twice.");
    EXPECT_EQ(problem.faults(), std::vector<FieldFault>({{"/scopes/1/tags", "It has an entry twice."}}));
}

TEST(FieldProblem, KeepsASentenceOfItsOwn) {
    const Problem problem = field_problem_saying("full_name", "The name of a user ends with a space.");
    EXPECT_EQ(problem.detail(), "The name of a user ends with a space.");
    EXPECT_EQ(problem.faults(),
              std::vector<FieldFault>({{"/full_name", "The name of a user ends with a space."}}));
}

}  // namespace
}  // namespace lodestone
