#!/usr/bin/env python3
"""Plants one violation at a time in a small tree, and expects house.py to find exactly that one."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True
import house  # noqa: E402

GOOD = {
    "CMakeLists.txt": "add_subdirectory(schemas)\n",
    "schemas/CMakeLists.txt": "telex_library(telex_schemas SOURCES record.cc PUBLIC fmt::fmt)\n",
    "schemas/record.h": "#pragma once\n#include <string>\n",
    "process/CMakeLists.txt": "telex_library(telex_process SOURCES a.cc PUBLIC telex_schemas)\n",
    "process/sink.h": '#pragma once\n#include "schemas/record.h"\n',
    "kafka/CMakeLists.txt":
        "telex_library(telex_kafka SOURCES rd_client.cc PUBLIC telex_schemas PRIVATE PkgConfig::rdkafka)\n",
    "kafka/client.h": '#pragma once\n#include "schemas/record.h"\n',
    "kafka/rd_client.cc": '#include "client.h"\n#include <librdkafka/rdkafka.h>\n',
    "ingest/CMakeLists.txt":
        "telex_library(telex_ingest SOURCES json.cc PUBLIC telex_process)\n"
        "telex_library(telex_ingest_kafka SOURCES kafka_source.cc PRIVATE telex_kafka telex_process)\n",
    "ingest/kafka_source.h": '#pragma once\n#include "kafka/client.h"\n#include "process/sink.h"\n',
    "sink/file_sink.h": '#pragma once\n#include "process/sink.h"\n',
    "service/main.cc": '#include "ingest/kafka_source.h"\n#include "sink/file_sink.h"\nint main() {}\n',
    "tests/process/sink_test.cc":
        '#include "process/sink.h"\n// GTEST_SKIP is not for us.\n'
        'TEST(Sink, KeepsOrder) {\n  EXPECT_EQ(sum(1, 2), 3) << "TODO is Spanish for all";\n}\n',
    "README.md": "# telex\n",
    "docs/guide.md": "See `/var/lib/telex` and https://example.org/root/x/home/anna/y.\n",
    "deploy/run": "#!/bin/sh\nmktemp -d x.XXXXXX\n",
}


def later():  # The word itself must not stand in this file.
    return "TO" + "DO"


class House(unittest.TestCase):
    def problems(self, rule=None, **changes):
        """The problems of the good tree with some `files` or their `modes` changed."""
        files = {**GOOD, **changes.get("files", {})}
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "a checkout"
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                path.chmod(0o755 if text.startswith("#!") else 0o644)
            for name, mode in changes.get("modes", {}).items():
                os.chmod(root / name, mode)
            tree = house.Tree(root)
            return [p for name, check in house.RULES.items() if rule in (None, name)
                    for p in check(tree)[1]]

    def finds(self, where, what, **changes):
        problems = self.problems(**changes)
        self.assertEqual(len(problems), 1, problems)
        self.assertTrue(problems[0].startswith(where + ":"), problems)
        self.assertIn(what, problems[0])

    def test_the_good_tree_is_good(self):
        self.assertEqual(self.problems(), [])

    # Includes.
    def test_each_arrow_that_points_the_wrong_way_is_found(self):
        allowed = {("process", "schemas"), ("kafka", "schemas"),
                   ("ingest", "schemas"), ("ingest", "process"),
                   ("sink", "schemas"), ("sink", "process")}
        allowed |= {("service", other) for other in house.LAYERS}
        for own in house.LAYERS:
            for other in house.LAYERS:
                with self.subTest(own=own, other=other):
                    problems = self.problems("includes", files={
                        f"{own}/planted.cc": f'#include "{other}/x.h"\n', f"{other}/x.h": ""})
                    right = own == other or (own, other) in allowed
                    self.assertEqual(len(problems), 0 if right else 1, problems)

    def test_only_the_adapter_of_ingest_and_sink_sees_kafka(self):
        for own in ("ingest", "sink"):
            text = '#include "kafka/client.h"\n'
            self.assertEqual(self.problems("includes", files={f"{own}/kafka_thing.cc": text}), [])
            self.finds(f"{own}/decode.cc:1", "only its kafka adapter", files={f"{own}/decode.cc": text})

    def test_a_relative_include_is_followed(self):
        self.finds("process/text/a.cc:2", "must not include kafka/client.h",
                   files={"process/text/a.cc": '\n#include "../../kafka/client.h"\n'})

    def test_an_installed_header_path_is_followed(self):
        self.finds("process/a.cc:1", "must not include kafka/client.h",
                   files={"process/a.cc": "#include <telex/kafka/client.h>\n"})

    def test_spaces_do_not_hide_an_include(self):
        self.finds("process/a.cc:1", "must not include", files={"process/a.cc": ' # include  "kafka/client.h"\n'})

    def test_a_commented_include_is_none(self):
        self.assertEqual(self.problems(files={
            "process/a.cc": '// #include "kafka/client.h"\n/*\n#include "sink/file_sink.h"\n*/\n'}), [])

    def test_librdkafka_is_for_the_seam_alone(self):
        for header in ("<librdkafka/rdkafka.h>", '"rdkafka.h"', "<librdkafka/rdkafka_mock.h>"):
            self.finds("service/lag.cc:1", "only kafka/", files={"service/lag.cc": f"#include {header}\n"})
        self.assertEqual(self.problems(files={"tests/bench/bare.cc": "#include <librdkafka/rdkafka.h>\n"}), [])

    def test_production_does_not_include_tests(self):
        self.finds("service/a.cc:1", "must not include tests/",
                   files={"service/a.cc": '#include "tests/sim/cluster.h"\n'})

    # Links.
    def test_a_wrong_link_is_found(self):
        self.finds("process/CMakeLists.txt:1", "telex_process (process/) must not link telex_kafka (kafka/)",
                   files={"process/CMakeLists.txt": "telex_library(telex_process SOURCES a.cc PRIVATE telex_kafka)\n"})

    def test_a_wrong_link_behind_an_expression_alias_or_comment_is_found(self):
        self.finds("sink/CMakeLists.txt:3", "must not link telex_ingest",
                   files={"ingest/alias.cmake": "add_library(telex::ingest ALIAS telex_ingest)\n",
                          "sink/CMakeLists.txt":
                          "# telex_process)\nadd_library(telex_sink file_sink.cc)\n"
                          "target_link_libraries(telex_sink PRIVATE\n  $<BUILD_INTERFACE:telex::ingest>)\n"})

    def test_a_target_declared_at_the_top_lives_where_its_sources_do(self):
        self.finds("CMakeLists.txt:2", "must not link",
                   files={"CMakeLists.txt": "add_library(telex_x process/a.cc)\n"
                                            "target_link_libraries(telex_x PUBLIC telex_kafka)\n"})

    def test_only_an_adapter_target_links_kafka(self):
        self.finds("ingest/CMakeLists.txt:1", "kafka adapter",
                   files={"ingest/CMakeLists.txt": "telex_library(telex_ingest SOURCES a.cc PUBLIC telex_kafka)\n"})

    def test_only_kafka_links_librdkafka(self):
        self.finds("service/CMakeLists.txt:1", "only kafka/ may",
                   files={"service/CMakeLists.txt": "target_link_libraries(telex PRIVATE PkgConfig::rdkafka)\n"})

    # Tests.
    def test_each_way_not_to_test_is_found(self):
        planted = {
            "TEST(A, B) { GTEST_SKIP(); }": "skip itself",
            "TEST(A, DISABLED_B) { f(); }": "disabled",
            "TEST(DISABLED_A, B) { f(); }": "disabled",
            "INSTANTIATE_TEST_SUITE_P(DISABLED_All, A, values);": "disabled",
            "TEST(A, B) {}": "tests nothing",
            "TEST_F(A,\n     B) {\n  // Later.\n}": "tests nothing",
            "RC_GTEST_PROP(A, B, ()) { }": "tests nothing",
            "TEST(A, B) { EXPECT_TRUE(true); }": "cannot fail",
            "TEST(A, B) { ASSERT_FALSE( false ); }": "cannot fail",
            "TEST(A, B) { EXPECT_EQ(1, 1); }": "cannot fail",
            "TEST(A, B) { SUCCEED(); }": "not earned",
        }
        for text, what in planted.items():
            with self.subTest(text=text):
                problems = self.problems(files={"tests/a_test.cc": text + "\n"})
                self.assertEqual(len(problems), 1, problems)
                self.assertIn(what, problems[0])

    def test_a_test_that_cmake_disables_is_found(self):
        for text in ("set_tests_properties(a PROPERTIES DISABLED TRUE)", "set_tests_properties(a PROPERTIES SKIP_RETURN_CODE 77)"):
            self.assertEqual(len(self.problems(files={"tests/CMakeLists.txt": text + "\n"})), 1)

    def test_words_in_strings_are_no_violations(self):
        self.assertEqual(self.problems(files={
            "tests/a_test.cc": 'TEST(A, B) { f("TEST(A, B) {}", R"x(GTEST_SKIP(); ")x", \'"\', 1\'000); }\n'}), [])

    # The rest.
    def test_a_note_to_self_is_found(self):
        for name, text in {"process/a.cc": f"int a;  // {later()}: more\n",
                           "process/b.h": f"/* one\n   {later()} */\n",
                           "process/CMakeLists.txt": f"# {later()}\n",
                           "deploy/run": f"#!/bin/sh\necho  # {later()}\n",
                           "tests/a.py": f"a = 1  # {later()}\n",
                           "docs/guide.md": f"{later()}\n"}.items():
            with self.subTest(name=name):
                problems = self.problems("postponed", files={name: text})
                self.assertEqual(len(problems), 1, problems)

    def test_the_same_word_as_data_is_none(self):
        word = later()
        self.assertEqual(self.problems(files={
            "process/a.cc": f'auto spanish = "{word} EL MUNDO";\n', "deploy/samples/feed.jsonl": word,
            "tests/a.py": f"a = '#{word}'\n"}), [])

    def test_a_path_of_one_machine_is_found(self):
        for path in ("/wo" + "rk/tree/x", "/root/" + "x", "/home/" + "anna/x", "/Users/" + "anna/x"):
            with self.subTest(path=path):
                self.assertEqual(len(self.problems(files={"docs/a.md": f"run `{path}`\n"})), 1)

    def test_the_checkouts_own_path_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve() / "checkout"
            root.mkdir()
            (root / "a.md").write_text(f"see {root}/b\n")
            self.assertEqual(len(house.rule_paths(house.Tree(root))[1]), 1)

    def test_a_script_without_its_run_bit_is_found(self):
        self.finds("deploy/run:1", "run bit", modes={"deploy/run": 0o644})

    def test_a_run_bit_without_a_script_is_found(self):
        self.finds("README.md:1", "run bit", modes={"README.md": 0o755})

    def test_a_script_that_bash_does_not_understand_is_found(self):
        self.finds("deploy/run:3", "unexpected", files={"deploy/run": "#!/usr/bin/env bash\nif true; then\n"})

    def test_a_long_readme_is_found(self):
        self.assertEqual(self.problems(files={"README.md": "x\n" * 150}), [])
        self.finds("README.md:151", "at most 150", files={"README.md": "x\n" * 151})

    def test_the_exit_code_and_the_list_say_it(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "process").mkdir()
            (Path(folder) / "process/a.cc").write_text('#include "sink/x.h"\n')
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                code = house.main(["--root", folder])
            self.assertEqual(code, 1)
            self.assertIn("process/a.cc:1: process/ must not include sink/x.h", out.getvalue())


if __name__ == "__main__":
    unittest.main()
