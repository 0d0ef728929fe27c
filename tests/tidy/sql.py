"""Rules about SQL: tables are explained, and what reaches a database is written in full where it stands, so that no client's word can become part
of a statement. What has to be put together all the same is named in exceptions.txt with its reason."""
import re

from tidy.ratchet import LIST, Excess, check_ratchet
from tidy.rules import rule
from tidy.tree import CPP_TOKENS

VERBS = (r"SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|DROP|ALTER|TRUNCATE|SET|PRAGMA|LISTEN|NOTIFY|VACUUM|REINDEX|EXPLAIN|GRANT|REVOKE|"
         r"ATTACH|COPY|CALL|LOCK|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|MERGE")
CLAUSES = r"WHERE|AND|OR|FROM|VALUES|ORDER BY|GROUP BY|LIMIT|OFFSET|JOIN|RETURNING|ON CONFLICT|HAVING|UNION"
IS_SQL = re.compile(rf'(?:R"[^(]*\(|")\s*(?:{VERBS}|{CLAUSES})(?:\s|\\n)')
# The functions that take a text to an engine, and in which argument it stands.
DOORS = re.compile(r"\b(?P<name>PQ(?:sendQuery|sendQueryParams|sendPrepare|exec|execParams|prepare)|sqlite3_(?:exec|prepare(?:16)?(?:_v[23])?)"
                   r"|(?:admin_?|admin\(\))\s*(?:\.|->)\s*(?:run|list_rows|describe))\s*\(")
SQL_ARGUMENT = {"PQsendPrepare": 2, "PQprepare": 2}
CONSTANT = re.compile(r"\bconstexpr\s+(?:const\s+char\s*\*|std::string_view|auto)\s*(\w+)\s*=")


def argument_of(code: str, start: int, number: int) -> str:
    """The text of one argument of a call whose parenthesis stands before `start`; strings are blank in it."""
    depth, first, index = 0, start, 0
    for at in range(start, len(code)):
        letter = code[at]
        if letter in "([{":
            depth += 1
        elif letter in ")]}" and depth:
            depth -= 1
        elif letter in ",)" and not depth:
            if index == number:
                return code[first:at]
            index, first = index + 1, at + 1
            if letter == ")":
                break
    return ""


def is_constant(argument: str, constants: set[str]) -> bool:
    """Literals (blank here), constants by name, and a choice between them."""
    choices = re.split(r"[?:](?!:)", argument.replace("::", "__"))[1:] if "?" in argument else [argument]
    return all(not choice.strip() or choice.strip() in constants for choice in choices)


def glued_literals(source):
    """SQL with something before or behind it that makes another text of it."""
    for token in CPP_TOKENS.finditer(source.text):
        if token.lastgroup not in ("string", "raw", "mark") or not IS_SQL.match(token[0]):
            continue
        before = re.sub(r"\s+$", "", source.code[:token.start()])
        behind = re.sub(r"^[\s)]+", "", source.code[token.end():])
        is_formatted = re.search(r"\bformat(?:_to|_to_n)?\([^;{}]*$", before) and re.search(r"\{[\w:.]*\}", token[0])
        is_joined = before.endswith(("+", "+=", "<<")) or re.match(r"\+(?!\+)|<<", behind) or re.search(r"\.(?:append|insert|replace)\([^;{}]*$", before)
        if is_formatted or is_joined:
            yield source.text.count("\n", 0, token.start()) + 1


DOOR = 'constexpr const char* q = "SELECT 1";\nvoid f(AdminConnection& admin, bool b) {\n    %s;\n}\n'
@rule(catches=[{"src/db/x.cpp": DOOR % 'admin.run("DROP TABLE " + name)'}, {"src/db/x.cpp": DOOR % "admin.list_rows(text)"},
               {"src/db/x.cpp": DOOR % 'admin.run(fmt::format("SET x = {}", 1))'}, {"src/db/x.cpp": DOOR % "PQexec(c, sql.c_str())"},
               {"src/db/x.cpp": DOOR % 'sqlite3_exec(c, b ? "COMMIT" : text, nullptr, nullptr, nullptr)'}, {"src/db/x.cpp": DOOR % 'PQsendPrepare(c, "", text, 0, nullptr)'},
               {"src/api/x.cpp": 'auto s = std::string("SELECT a FROM b WHERE c = ") + c;\n'}, {"src/api/x.cpp": 's += " ORDER BY " + sort;\n'},
               {"src/api/x.cpp": 'out << "DELETE FROM tenants WHERE id = " << id;\n'}, {"src/api/x.cpp": 'auto s = fmt::format("SELECT {} FROM b", c);\n'},
               {"src/db/x.cpp": DOOR % "admin.run(q)", LIST: "sql src/db/x.cpp 1 gone\n"}],
      allows=[{"src/db/x.cpp": DOOR % 'admin.run(b ? "BEGIN IMMEDIATE" : "BEGIN")'}, {"src/db/x.cpp": DOOR % "admin.list_rows(q, parameters)"},
              {"src/db/x.cpp": DOOR % 'admin.run("SELECT 1 "\n        "FROM a")'}, {"src/db/x.cpp": DOOR % 'sqlite3_exec(c, "ROLLBACK", nullptr, nullptr, nullptr)'},
              {"src/api/x.cpp": 'throw Problem(x, "Set " + name + " first.");\n'}, {"src/db/x_test.cpp": 'admin.run("DROP TABLE " + name);\n'},
              {"src/db/x.cpp": DOOR % "admin.run(text)", LIST: "sql src/db/x.cpp 1 a file's statement\n"}])
def sql_is_written_in_full(tree):
    sources = [source for source in tree.of_kind("cpp", under="src/") if not source.is_test]
    constants = {match[1] for source in sources for match in CONSTANT.finditer(source.code)}
    excesses = []
    for source in sources:
        lines = set(glued_literals(source))
        for door in DOORS.finditer(source.code):
            argument = argument_of(source.code, door.end(), SQL_ARGUMENT.get(door["name"], 1 if door["name"].startswith(("PQ", "sqlite3")) else 0))
            if not is_constant(argument, constants):
                lines.add(source.code.count("\n", 0, door.start()) + 1)
        if lines:
            advice = "SQL that is put together is banned, write the statement in full and give it parameters (or list the file in tests/tidy/exceptions.txt)"
            excesses.append(Excess(source.path, len(lines), source.fault(min(lines), f"{advice}; lines {', '.join(map(str, sorted(lines)))}")))
    yield from check_ratchet(tree, "sql", excesses)


TABLES = "docs/dev/data.md"


@rule(catches=[{"migrations/0001_x.up.sql": "-- A.\nCREATE TABLE things (\n", TABLES: "### other\n"},
               {"migrations/0001_x.up.sql": "-- A.\nCREATE TABLE things (\n", TABLES: "Of things.\n### others, thing\n"},
               {TABLES: "## Tables\n### things, `gone`\n"}],
      allows=[{"migrations/0001_x.up.sql": "-- A.\nCREATE TABLE things (\n", TABLES: "## Tables\n### things, schema_history\n"}])
def tables_are_explained(tree):
    document = tree.find(TABLES)
    text = document.text if document else ""
    told = {name: line for line, match in document.find(r"^### (.+)$", text) for name in match[1].split(", ")} if document else {}
    made = set(MADE_BY_THE_RUNNER)
    for source in tree.sources:
        if source.path.startswith("migrations/") and source.path.endswith(".up.sql"):
            for line, match in source.find(r"^CREATE TABLE (\w+)", source.text):
                made.add(match[1])
                if match[1] not in told:
                    yield source.fault(line, f"the table {match[1]} has no section in {TABLES}: say what it is for, and why each surprising column is as it is")
    for name, line in told.items():
        if name not in made:
            yield document.fault(line, f"there is no table {name}")


MADE_BY_THE_RUNNER = ("schema_history", "schema_lock")
