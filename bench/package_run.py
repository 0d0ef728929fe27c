"""The command line of the benchmarks of package formats, which measure the same cases beside other peers."""
import argparse
from pathlib import Path

from package_cases import PackageBench
from report import ROOT, Company, describe_machine, first_line, measure_cases, record, render_table


def parse_arguments(name: str, description: str, cases: dict):
    parser = argparse.ArgumentParser(prog=f"./dev bench {name}", description=description)
    parser.add_argument("cases", nargs="*", help=f"only these: {', '.join(cases)}")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each measurement, ours and the peers' in turn, after one to warm up (3)")
    parser.add_argument("--seconds", type=float, default=3, help="length of a round under load (3)")
    parser.add_argument("--versions", type=int, default=2000, help="how many versions the largest package has (2000)")
    parser.add_argument("--packages", type=int, default=100_000, help="how many packages there are when memory is looked at (100000)")
    parser.add_argument("--costed", type=int, default=200, help="how many publications are timed together (200)")
    parser.add_argument("--locked", type=int, default=300, help="how many packages an installation fetches (300)")
    parser.add_argument("--quick", action="store_true", help="one short round of everything, and smaller: whether it works, not how fast")
    parser.add_argument("--folder", type=Path, help="where the data is (the folder for temporary files); its disk is measured too")
    parser.add_argument("--build", type=Path, default=ROOT / "build/release", help="where the release build is")
    parser.add_argument("--record", action="store_true", help="rewrite this benchmark's part of bench/RESULTS.md")
    arguments = parser.parse_args()
    if arguments.quick:
        parser.set_defaults(rounds=1, seconds=1, versions=200, packages=2000, costed=20, locked=30)
        arguments = parser.parse_args()
    unknown = set(arguments.cases) - set(cases)
    if unknown:
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    if arguments.record and (arguments.cases or arguments.quick):
        parser.error("--record wants the whole benchmark")
    return arguments


def run_benchmark(name: str, heading: str, description: str, cases: dict, list_programs) -> int:
    """`list_programs` says what there is beside nginx, once it is installed."""
    arguments = parse_arguments(name, description, cases)

    def make_bench(folder):
        return PackageBench(build=arguments.build, folder=folder, rounds=arguments.rounds, seconds=arguments.seconds, versions=arguments.versions,
                            packages=arguments.packages, costed=arguments.costed, locked=arguments.locked)

    programs = list_programs()
    company = Company()
    rows = measure_cases(arguments.cases or cases, cases, arguments.folder, make_bench)
    meanwhile = company.describe()
    table = render_table(rows)
    print(table, end="")
    if arguments.record:
        nginx = first_line("sh", "-c", "PATH=$PATH:/usr/sbin nginx -v").rpartition(" ")[2]
        record(name, heading, f"{describe_machine(*programs, nginx)}\nMedians of {arguments.rounds} rounds, ours and the peers' in turn; "
               f"lowest and highest in parentheses; {meanwhile}.\n\n{table}")
    verdicts = [row.is_met for row in rows if row.is_met is not None]
    print(f"{sum(verdicts)} of {len(verdicts)} targets met; {meanwhile}")
    return 0
